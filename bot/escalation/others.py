"""The plainest words of Italian, Dutch and Portuguese that call for people."""

from bot.escalation.signs import Sign

WORDS = {
    Sign.DANGER: r"""
        | uccidermi|in pericolo|zelfmoord|in gevaar|suic[íi]dio|em perigo
    """,
    Sign.BREAK_IN: r"""
        | hackerat\w*|violazione dei dati|accesso non autorizzato|gehackt|datalek|invadid[oa]
        | hackead[oa]|vazamento
    """,
    Sign.OUTAGE: r"""
        | non funziona (pi[ùu] )?niente
        | nessuno (può|riesce)|storing|niemand kan|ningu[ée]m consegue|fora do ar
    """,
    Sign.LAW: r"""
        | avvocat[oi]|denuncia|polizia|vie legali|garante della privacy|advocaat|rechtbank|politie
        | aangifte|juridische stappen|autoriteit persoonsgegevens|advogad[oa]|processar|pol[íi]cia
        | procon|queixa
    """,
    Sign.MONEY: r"""
        | senza il mio consenso|truffa|frode|contesto
        | zonder (mijn|onze) toestemming|oplichting|fraude
        | sem (a )?minha autoriza[çc][ãa]o|exijo|estorno
    """,
    Sign.LEAVING: r"""
        | concorrenza|inaccettabile|vergogna|concurrent|onacceptabel|schandalig|concorr[êe]ncia
        | inaceit[áa]vel
    """,
    Sign.HUMAN: r"""
        | parlare con (una persona|un operatore|qualcuno|un umano)|operatore umano
        | (spreken|praten|contact)~(een (echt )?(mens|persoon|medewerker)|iemand)
        | falar com (uma pessoa|um humano|algu[ée]m|um atendente|um agente|o gerente)
        | atendente humano
    """,
}
