"""Automatic replies that no header owns up to: absence notices and acknowledgements, by their words.

A subject may be enough; a text never is by itself. A person writes "I'm away next week, can you call before?", so a
notice is a text in which *every* sentence is one of an absence notice, and the caller asks for a mark besides.
"""

import re

LOOK = 4000
SENTENCES = 25
OPENING = 400
SHORT = 4  # words of a greeting or a name

_PREFIX = r"(?:(?:re|aw|sv|vs|antw|rv|r|odp|ynt|res): ?){0,3}\W{0,3}"
# What only a program writes above a mail …
_AUTOMATIC = re.compile(
    _PREFIX + r"(?:auto(?:matic|mated|matisch\w{0,2}|matisk\w?)?[ :_-]{0,3}"
    r"(?:reply|response|respond\w{0,2}|answer|antwort|svar|antwoord|notice|acknowledg\w{0,6}|vast\w{0,4}|válasz)"
    r"|(?:out|away) (?:of|from) (?:the )?office|ooo\b(?= ?[:-])|absence (?:notice|notification)"
    r"|vacation (?:reply|notice)"
    # German, Dutch, the Nordic languages
    r"|abwesenheit(?:snotiz|smeldung|sassistent)|(?:bin |ich bin )?(?:derzeit |momentan )?nicht im (?:büro|haus|dienst)"
    r"|afwezigheids|niet aanwezig|buiten kantoor|fr[åa]nvaro?(?:besked|meddelande)?|ikke til ?stede|ikke på kontoret"
    r"|frav[æe]r(?:smelding|sbesked)?\b|ferie(?:svar|besked|melding)|poissaolo\w*|sjálfvirkt svar"
    # French, Spanish, Catalan, Portuguese, Italian, Romanian
    r"|r[ée]ponse automatique|message (?:automatique|d'absence)|(?:absence|absent) du bureau|respuesta autom[áa]tica"
    r"|auto-?respuesta|fuera de (?:la )?oficina|resposta autom[àáa]tica|fora d[eo] (?:l')?(?:escrit[óo]rio|oficina)"
    r"|risposta automatica|fuori (?:sede|ufficio)|r[ăa]spuns automat|absent din birou"
    # Slavic, Baltic and Finno-Ugric languages
    r"|automatick[áaée] odpov[eě][dď]\w?|mimo kancel[áa][řr]?\w*|auto-?odpowied\w*|odpowied[źz] automatyczna"
    r"|poza biurem"
    r"|automatski odgovor|samodejni odgovor|automatikus v[áa]lasz|h[áa]zon k[íi]v[üu]l|automaatvastus"
    r"|automaattinen vastaus|automatyczna odpowied[źz]|erantzun automatikoa"
    r"|autom[aā]tisk[aā] atbilde|automatinis atsakymas|авто-?(?:ответ|відповідь)"
    r"|автомат[иі]чн?(?:еский|на|ен) (?:ответ|відповідь|отговор)"
    r"|аутоматски одговор|(?:вне|нет в) офис\w*|поза офісом|извън офиса"
    # Greek, Turkish, Hebrew, Arabic, Persian
    r"|αυτόματη απάντηση|εκτός γραφείου|otomatik (?:yanıt|cevap)|ofis dışında|תשובה אוטומטית|מענה אוטומטי|מחוץ למשרד"
    r"|رد تلقائي|خارج المكتب|پاسخ خودکار"
    # further east
    r"|自动(?:回复|答复)|自動(?:回覆|回复|答覆|応答|返信)|不在办公室|不在(?:のお知らせ|通知)|休(?:業|暇)のお知らせ"
    r"|자동 ?(?:응답|회신)|부재 ?중|trả lời tự động|ตอบกลับอัตโนมัติ|(?:balasan|jawaban) otomatis|di luar kantor)",
    re.IGNORECASE,
)
# … with nothing behind it but the subject that it answers: "Auto reply doesn't work" is a person's.
_ALONE = re.compile(
    r"\s{0,3}(?:auto-?reply|message|notice|notification|assistant|reply|response)?\s{0,3}"
    r"(?:$|[:：\-–—(\[<|,.!…*]|(?:re|to|from|until|through|bis|vom|ab|du|del|dal|van|fra|från|с|до)\b)",
    re.IGNORECASE,
)
# What a person may write above a question, too.
_AWAY = re.compile(
    _PREFIX
    + r"(?:(?:i am |i'm |currently )?(?:away|on) (?:from|until|\w{0,12} ?(?:vacation|holiday|leave))\b|vacation|holiday"
    r"|on leave|abwesen|urlaub|afwezig|vakantie|semester|ferie|lomalla|poissa\b|fjarver|absen[ct]|en cong|ausen"
    r"|em f[ée]rias"
    r"|assen[tz]|in ferie|nep[řr][íi]tomn|nieobecn|jestem na urlopie|odsut|odsoten|szabads|nesu biure|в отпуске"
    r"|отсутств"
    r"|у відпустці|απουσία|izinde|休假|外出|不在|休(?:業|暇)|휴가|vắng mặt)",
    re.IGNORECASE,
)

_RECEIVED = re.compile(
    r"(?:request|ticket|case|e-?mail|message|inquiry|enquiry|question|report|order|support)"
    r"\b.{0,60}(?:has been|have been|was|is|been) (?:\w{1,12} )?(?:received|created|opened|registered|logged)"
    r"|(?:we|we've) (?:have )?(?:\w{1,12} )?received your"
    r"|thank(?:s| you)[^.\n]{0,60}(?:contacting|writing|your (?:e-?mail|message|request|inquiry|enquiry))"
    r"|\[request received\]"
    r"|(?:ihre|deine) (?:anfrage|nachricht|e-?mail|mail|meldung)\b.{0,60}(?:eingegangen|erhalten|erfasst)"
    r"|eingangsbest[äa]tigung|empfangsbest[äa]tigung"
    r"|(?:votre|ta) (?:demande|message|e-?mail|courriel|requ[êe]te)\b.{0,60}(?:re[çc]u|enregistr|prise? en compte)"
    r"|accus[ée] de r[ée]ception"
    r"|(?:su|tu) (?:solicitud|mensaje|correo|consulta)\b.{0,60}(?:recibid|registrad)|hemos recibido su"
    r"|gracias por contactar|acuse de recibo"
    r"|(?:sua|seu|sua) (?:solicita[çc][ãa]o|mensagem|e-?mail|pedido)\b.{0,60}(?:recebid|registrad)"
    r"|recebemos (?:a sua|seu)"
    r"|(?:la (?:sua|tua) |vostra )?(?:richiesta|e-?mail)\b.{0,40}(?:ricevut|registrat)|abbiamo ricevuto"
    r"|(?:uw|je) (?:aanvraag|bericht|e-?mail|verzoek)\b.{0,60}ontvangen"
    r"|(?:vi har|har vi|vi) (?:mottagit|modtaget|mottatt)"
    r"|(?:zgłoszenie|wiadomość)\b.{0,40}(?:przyjęt|otrzyman|zarejestrowan)"
    r"|(?:запрос|обращение|заявка|письмо)\b.{0,60}(?:принят|получен|зарегистрирован)"
    r"|(?:お問い合わせ|お問合せ|メール)(?:を|いただき).{0,20}(?:受け付け|受付|ありがとう)|(?:已|我们已|我們已)(?:经|經)?收到(?:您|你)的|문의.{0,20}접수"
    r"|talebiniz\b.{0,40}al[ıi]n"
    # challenges: the sender is to prove that he is a person
    r"|(?:confirm|verify) (?:that |your )?(?:e-?mail|message|you|delivery|address)"
    r"|requires? (?:verification|confirmation)|verify#",
    re.IGNORECASE,
)
_LINE_ABOVE = re.compile(
    r"\W{0,6}(?:please )?(?:type your reply|reply) above this line|\W{0,6}-- ?(?:ответ|bitte antworten)", re.IGNORECASE
)

_ABSENT = re.compile(
    r"\b(?:out|away|absent) (?:of|from) (?:the |my )?office|\bon (?:\w{1,12} )?(?:vacation|holidays?|leave)\b"
    r"|currently (?:away|unavailable|absent|travel)|\bnot in the office|office (?:is|will be) closed|\bout sick"
    r"|nicht im (?:büro|haus|dienst)|abwesend|im urlaub|in (?:elternzeit|mutterschutz)|außer haus|nicht erreichbar"
    r"|(?:büro|praxis) (?:ist|bleibt)\b.{0,40}geschlossen"
    r"|absente?\b|en cong[ée]s?\b|en vacances|en d[ée]placement|fuera de (?:la )?oficina|de vacaciones|ausente"
    r"|fora do escrit[óo]rio|de f[ée]rias|em f[ée]rias"
    r"|fuori (?:sede|ufficio)|in ferie\b|assente|afwezig|niet (?:op kantoor|aanwezig|bereikbaar)|(?:met|op) vakantie"
    r"|p[åa] semester|inte p[åa] kontoret|ikke p[åa] kontoret|p[åa] ferie|holder ferie"
    r"|lomalla|poissa\b|toimistolta|na urlopie|poza biurem|nieobecn|mimo kancel|nep[řr][íi]tomn|na dovolen"
    r"|szabads[áa]gon|irod[áa]n k[íi]v[üu]l|concediu|nu sunt (?:la|în) birou"
    r"|в отпуске|отсутству|не буду в офис|у відпустці|відсутн|в отпуск[аe]?\b|εκτός γραφείου|σε άδεια|απουσιάζω"
    r"|ofis dışında|izinde(?:yim)?\b|tatilde"
    r"|odsut|na godišnjem|na dopustu|不在办公室|不在辦公室|休假|出差|不在にし|不在のため|休暇|休業"
    r"|외출|부재|휴가|מחוץ למשרד|בחופש(?:ה)?|خارج المكتب"
    r"|إجازة|nghỉ phép|vắng mặt|di luar kantor|sedang cuti",
    re.IGNORECASE,
)
# What such a notice says besides: when one is back, that mail waits, thanks; and whom to ask meanwhile.
_BESIDES = re.compile(
    r"\b(?:return|be back|back (?:in|on|at)|until|in my absence|limited access|access to (?:my )?e-?mail"
    r"|(?:respond|reply|answer|get back) (?:to )?(?:you|your)|thank|not be (?:read|forwarded)|automat"
    r"|as soon as (?:i|we))\b"
    r"|zurück|wieder (?:da|erreichbar|im)|vertret|weitergeleitet|beantwort|gelesen|vielen dank|danke"
    r"|de retour|mon (?:retour|absence)|r[ée]pond|merci|regres|vuelv|gracias|volto|retorn|obrigad|rientr|torner"
    r"|rispond|grazie"
    r"|terug|beantwoord|bedankt|tillbaka|svara|tack\b|tilbake|tilbage|takk?\b|takaisin|vastaan|kiitos|wr[óo]c|wracam"
    r"|odpowi"
    r"|dzi[ęe]k|zp[ěe]t|odpov|d[ěe]kuj|vissza|válasz|köszön|revin|mulțum|верн|ответ|спасибо|поверн|відпов|επιστρ|απαντ"
    r"|ευχαριστ|dön|teşekkür|返信|回复|回覆|戻り|복귀|회신|감사",
    re.IGNORECASE,
)
_URGENT = re.compile(
    r"urgent|emergency|immediate (?:assistance|attention|help)|in my absence|dringend|eilig|in meiner abwesenheit"
    r"|urgen|urg[êe]n"
    r"|en mon absence|brådskande|haster|kiire|piln|nal[ée]hav|sürg|срочн|термінов|επείγ|acil"
    r"|紧急|緊急|至急|お急ぎ|급한|דחוף|عاجل",
    re.IGNORECASE,
)
_PLEASE = re.compile(
    r"\b(?:please|pls|kindly|bitte|por favor|s'il (?:vous|te) pla[îi]t|merci de|per favore|alstublieft|graag"
    r"|vänligen|venligst|vennligst|prosz[ęe]|prosím|kérem|vă rog|lütfen|пожалуйста|будь ласка|παρακαλώ"
    r"|cancel|refund|send|change)\b|请"
    r"|請|ください|부탁",
    re.IGNORECASE,
)
_ASKS = re.compile(r"[?？؟;]\s|[?？؟]$|か。|吗|嗎")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|\n+")


def is_automatic(subject: str) -> bool:
    """What mail programs write above the answers that they give by themselves."""
    found = _AUTOMATIC.match(subject)
    return bool(found and _ALONE.match(subject, found.end()))


def is_about_absence(subject: str) -> bool:
    """A person may write it, too."""
    return bool(_AWAY.match(subject) or _AUTOMATIC.match(subject))


def is_acknowledgement(text: str) -> bool:
    """The words of a desk's own automatic answer, or of a filter that wants its correspondents confirmed."""
    return bool(_RECEIVED.search(text[:OPENING]) or _LINE_ABOVE.match(text.lstrip()[:OPENING]))


def is_notice(text: str) -> bool:
    """Whether the whole text, down to what it quotes, says nothing but that somebody is away."""
    own = _own(text[:LOOK])
    sentences = [one for one in map(str.strip, _SENTENCE.split(own)) if one]
    if not sentences or len(sentences) > SENTENCES or _ASKS.search(own):
        return False
    absent = [one for one in sentences if _ABSENT.search(one)]
    more = any(_BESIDES.search(one) or _URGENT.search(one) for one in sentences)
    return bool(absent) and more and all(one in absent or _belongs(one) for one in sentences)


def _belongs(sentence: str) -> bool:
    if len(sentence.split()) <= SHORT and not _PLEASE.search(sentence):
        return True  # a greeting, a name, a number
    return bool(_URGENT.search(sentence)) or (bool(_BESIDES.search(sentence)) and not _PLEASE.search(sentence))


def _own(text: str) -> str:
    """The lines above the first quoted one."""
    rows = text.split("\n")
    end = next((i for i, row in enumerate(rows) if row.startswith((">", "-----", "_____"))), len(rows))
    return "\n".join(rows[:end])
