"""German words that call for people; the notation is explained in `bot/escalation/__init__.py`."""

from bot.escalation.signs import Sign

WORDS = {
    Sign.DANGER: r"""
        | umbringen|selbstmord|suizid\w*
        | nicht mehr (leben|da sein)( will| m[öo]chte)?\b|lebensgefahr|in gefahr|morddroh\w*|bedroht
        | bedrohung
    """,
    Sign.BREAK_IN: r"""
        | gehackt|hacker\w*|datenleck|datenpanne|datenschutzverletzung|kompromittiert|erpress\w*
        | sicherheitsl[üu]cke|schwachstelle
        | fremde[rn]?~(zugriff|anmeldung|login|zugang|ger[äa]t)
        | unbefugt\w*
        | jemand~(eingeloggt|angemeldet|zugriff)
        | (daten|kunden)~anderer
    """,
    Sign.OUTAGE: r"""
        | ausfall
        | nichts (geht|funktioniert) mehr
        | (seite|system|server|app|anmeldung|dienst|alles)~(ist|sind)~(down|offline|nicht erreichbar|ausgefallen
            |tot)\b
        | (alle|niemand|keiner|s[äa]mtliche|kein (kunde|gast))~(kann|k[öo]nnen|nicht|fehl\w*|weg|verschwunden
            |gel[öo]scht|falsch\w*)
    """,
    Sign.LAW: r"""
        | rechtsanw[äa]lt\w*|anw[äa]lt\w*|anwaltlich\w*|vor gericht
        | (amts|land|arbeits|familien)gericht|gerichtlich\w*
        | klage (erheben|einreichen)|verklag\w*|polizei\w*|strafanzeige|anzeige erstatt\w*
        | staatsanwalt\w*|datenschutzbeh[öo]rde|aufsichtsbeh[öo]rde|beh[öo]rden?|abmahn\w*
        | rechtliche schritte|juristisch\w*|f[öo]rmliche beschwerde|beschwere mich
        | insolvenzverwalt\w*|rechtswidrig\w*|illegal\w*
        | verbraucher(zentrale|schutz)|markenrecht\w*|urheberrecht\w*|diskriminier\w*
    """,
    Sign.MONEY: r"""
        | r[üu]ckbuchung
        | zur[üu]ck ?(ge)?buch\w*
        | nie(mals)? (zugestimmt|beauftragt|bestellt|genehmigt|abgeschlossen)
        | ohne (meine|unsere) (zustimmung|erlaubnis|einwilligung|genehmigung)|betrug|betr[üu]g\w*
        | diebstahl|abzocke|trotz k[üu]ndigung|widerspreche
        | fordere?n?~(geld|r[üu]ckzahlung|erstattung|betrag)
        | (erstattung|r[üu]ckzahlung)~(abgelehnt|verweigert)
        | akzeptiere[n]? (ich|wir|das)~nicht
        | unberechtigt\w*|will mein geld zur[üu]ck
    """,
    Sign.OTHERS: r"""
        | (passwort|zugang|daten|buchungen|termine)~(anderer|eines anderen|vom chef|meines chefs|meiner frau
            |meines mannes|kollegen)
        | als administrator freischalten
    """,
    Sign.LEAVING: r"""
        | konkurrenz
        | anderen? (anbieter|tool|software)|jetzt reicht
        | reicht( es)? (mir|uns)|es reicht|schnauze voll|nie wieder|unversch[äa]mt\w*|frechheit
        | letzte chance|inakzeptabel|unzumutbar
        | (sehr|schwer|zutiefst) (entt[äa]uscht|ver[äa]rgert)
        | k[üu]ndige[n]?~(weil|wegen|nur [äa]rger|unzufrieden|entt[äa]uscht)
        | wir (gehen|wechseln|verlassen)|sind wir weg|bin ich weg
    """,
    Sign.HUMAN: r"""
        | (mit|an|von)( einem| einer| einen| jemand\w*| wem)? ?(echte[nmr]? |richtige[nmr]? |menschliche[nmr]? )?
            (menschen?|mitarbeiter\w*|person|ansprechpartner\w*|vorgesetzt\w*|kollegen)~
            ?(sprechen|reden|telefonieren|schreiben|verbinden|verbunden|weiter\w*|wenden)?\b
        | (mit jemandem|jemanden?)~(sprechen|reden|telefonieren|erreichen)
        | echte[nmr]? (mensch|person|mitarbeiter)\w*
        | keine?n? (bot|roboter|ki|maschine|automat)\w*|vorgesetzte\w*
        | rufen sie (mich|uns)|um r[üu]ckruf|ruft? mich an
    """,
}
