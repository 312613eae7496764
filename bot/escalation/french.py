"""French words that call for people; the notation is explained in `bot/escalation/__init__.py`."""

from bot.escalation.signs import Sign

WORDS = {
    Sign.DANGER: r"""
        | me tuer
        | (plus|pas) envie de vivre|envie de mourir|menaces? de mort|en danger|me menace
    """,
    Sign.BREAK_IN: r"""
        | pirat(é|ée|és|age|er)\w*|hame[çc]onnage|fuite de donn[ée]es|faille de s[ée]curit[ée]
        | vuln[ée]rabilit[ée]\w*
        | (acc[èe]s|connexion)~(inconnue?|suspecte?|non autoris\w+)
        | quelqu.un~(connect[ée]|acc[èe]s|acc[ée]d)
        | donn[ée]es d.autres
    """,
    Sign.OUTAGE: r"""
        | panne|hors service
        | (site|page|syst[èe]me|service|application)~(inaccessible|en panne|ne (fonctionne|marche
            |r[ée]pond) plus)
        | (tous|toutes|personne|aucun\w*)~(ne (peut|peuvent|fonctionne\w*|marche\w*)|impossible|perdu\w*
            |disparu\w*|erreur|erron[ée]\w*)
    """,
    Sign.LAW: r"""
        | avocate?s?\b|tribunal|en justice|porter? plainte
        | (d[ée]pos|port)\w* (une )?plainte|police|gendarmerie|cnil|mise en demeure|huissier
        | poursuites
        | voie (l[ée]gale|judiciaire)|ill[ée]gale?\w*
        | r[ée]clamation (formelle|officielle)|liquidateur|contrefa[çc]on|marque d[ée]pos[ée]e
        | discriminat\w+
    """,
    Sign.MONEY: r"""
        | sans (mon|notre|mes|nos) (accord|autorisation|consentement)|fraud\w+|arnaqu\w*|escroqu\w*
        | vol(é|er|eurs?)\b|je conteste|nous contestons
        | jamais (autoris[ée]|accept[ée]|souscrit|demand[ée])
        | malgr[ée]~(r[ée]siliation|annulation)
        | (j.exige|nous exigeons|exige)~(rembours|argent)\w*
        | rembours\w*~refus\w*
        | refus\w*~rembours\w*
        | r[ée]trofacturation|opposition
    """,
    Sign.OTHERS: r"""
        | (mot de passe|acc[èe]s|donn[ée]es|rendez-vous)~(d.un autre|d.une autre|de mon (mari|patron
            |coll[èe]gue)|de ma (femme|coll[èe]gue))
    """,
    Sign.LEAVING: r"""
        | concurren(ce|t|ts)|ras.le.bol|inadmissible|inacceptable|scandaleux|honteux|\bmarre\b
        | (je|nous) (pars|partons|quitte|quittons|vous quitte|vous quittons)
        | (tr[èe]s|vraiment) (d[ée][çc]u|m[ée]content)\w*|plus jamais|derni[èe]re chance
        | changer de (prestataire|fournisseur|logiciel)
    """,
    Sign.HUMAN: r"""
        | (parler|discuter|[ée]changer|joindre|contacter|avoir)~(un humain|[êe]tre humain|quelqu.un
            |une (vraie )?personne|un (vrai )?conseiller|une conseill[èe]re|un agent|un responsable
            |votre responsable)
        | vrai(e)? (humain|personne|conseiller)|[êe]tre humain
        | pas (un|de|[àa] un) (robot|bot|machine)
        | rappele[zr](-moi| moi)?
    """,
}
