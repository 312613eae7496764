"""Spanish words that call for people; the notation is explained in `bot/escalation/__init__.py`."""

from bot.escalation.signs import Sign

WORDS = {
    Sign.DANGER: r"""
        | matarme|quitarme la vida
        | no quiero (seguir viviendo|vivir)|amenaza\w* de muerte|me amenaz\w+|en peligro
    """,
    Sign.BREAK_IN: r"""
        | hacke(ado|ada|aron|o)|filtraci[óo]n|fuga de datos|vulnerabilidad\w*|suplantaci[óo]n
        | (acceso|inicio de sesi[óo]n)~(desconocido|sospechoso|no autorizado)
        | alguien~(entrado|entr[óo]|accedi\w+|acceso)
        | datos de otr[oa]s
    """,
    Sign.OUTAGE: r"""
        | ca[íi]d[oa]\b|fuera de servicio|no funciona nada
        | (todos|todas|nadie|ning[úu]n\w*)~(puede\w*|perdid\w*|desapareci\w*|error|borrad\w*|falla\w*
            |equivocad\w*)
    """,
    Sign.LAW: r"""
        | abogad[oa]s?|juzgado
        | tribunal(es)?|demandar\w*|interponer|denuncia\w*|polic[íi]a|guardia civil|aepd
        | agencia (espa[ñn]ola )?de protecci[óo]n|hoja de reclamaciones|reclamaci[óo]n formal
        | acciones legales|v[íi]a judicial|ilegal\w*|discrimina\w+|burofax
    """,
    Sign.MONEY: r"""
        | sin (mi|nuestro|nuestra|mi previo) (consentimiento|autorizaci[óo]n|permiso)|fraude\w*
        | estafa\w*|robo\b|roban|robado
        | nunca (autoric[ée]|acept[ée]|contrat[ée]|autorizamos)
        | a pesar de~cancel\w*
        | exij\w+|exigimos|contracargo
        | reembolso~(rechaz|deneg|neg)\w*
        | no acepto
    """,
    Sign.OTHERS: r"""
        | (contrase[ñn]a|acceso|datos|citas?)~(de otr[oa]|de mi (jefe|marido|mujer|esposa|esposo|compa[ñn]er[oa]
            |ex))
    """,
    Sign.LEAVING: r"""
        | la competencia|hart[oa]s? de|inaceptable|verg[üu]enza|vergonzos[oa]|nos vamos|me voy
        | (muy|tan) (decepcionad|enfadad|insatisfech)\w+|nunca m[áa]s|[úu]ltima oportunidad
        | cambi(ar|amos|aremos) de (proveedor|programa|empresa)
    """,
    Sign.HUMAN: r"""
        | (hablar|comunicar\w*|contactar|hable|atienda|p[áa]s\w+)~(una persona|un humano|alguien|un agente
            |una? encargad[oa]|un responsable|un supervisor|ser humano)
        | persona (real|de verdad)|ser humano
        | no (con )?(un |una )?(bot|robot|m[áa]quina)
        | ll[áa]m(ame|enme|eme)
    """,
}
