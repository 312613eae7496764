"""English words that call for people; the notation is explained in `bot/escalation/__init__.py`."""

from bot.escalation.signs import Sign

WORDS = {
    Sign.DANGER: r"""
        | suicid\w*|self.?harm\w*
        | kill(ing)? (my|him|her|your|our|them)sel(f|ves)
        | end (my|his|her) life
        | take my (own )?life
        | (don.?t|do not|no longer) want to (be here|live|go on|exist)( any ?(more|longer))?\b
        | better off dead|no reason to live
        | (kill|hurt|harm|shoot|stab|murder|attack)(ing)? (you|him|her|them|me|us|someone|somebody|people|staff
            |yourselves)
        | (death|bomb) threat\w*
        | threat\w* (to|of) (kill|violence|hurt|harm)
        | threaten(s|ed|ing)? (me|us|her|him|my|our)
        | i know where you (live|work)
        | (is|are|am|in|out of) (serious |acute |great |immediate )?danger\b
        | stalk(er|ers|ing|s|ed)
        | (child|sexual|domestic) (abuse|violence)
        | abus(es|ed|ing) (a|the|my|her|his) (child|kid|daughter|son|wife)|medical emergency
        | ambulance|unconscious|overdos\w+
        | (has|have|with) a (gun|knife|weapon)
    """,
    Sign.BREAK_IN: r"""
        | hack(ed|er|ers|ing)\b
        | breach(ed|es)?\b(?! of contract)|compromised|ransom\w*|extort\w*|blackmail\w*|malware
        | phish\w+
        | (unauthori[sz]ed|unknown|foreign|strange|suspicious|unfamiliar)~(access|login|logins|log.?in
            |sign.?ins?|session|sessions|device|devices|api key|user|users|admin|location|ip)\b
        | (someone|somebody|stranger|intruder|attacker|person)( else)?~(logged|signed|got|broke|broken|been|is
            |are|was|has) (in\b|into|inside|access|reading|using)
        | (someone|somebody|stranger)( else)? (has |had |have |is |was )?(chang|tak|us|read|delet|access|steal
            |stol)\w*~(account|password|e-?mail|owner|workspace|data|list|key)
        | (log.?in|sign.?in|session|change|request|that|it)s?~(was|were) ?n[o']?t (me|us|one of us|done by)
        | still (has|have|had|got|gets) access
        | (nobody|no ?one|none of us)( here| in| of)?~(created|made|added|invited|requested)
        | (data|customer|client|guest|user|personal|password)s?'?~(leak(ed|s|ing)?|exposed|stolen|published
            |for sale)\b
        | (leak|exposure|theft) of~(data|names|addresses|customers)
        | (i|we|customers?|clients?|guests?|users?|anyone|anybody|everyone|visitors?) (can|could) (see|read|open
            |view|access|download)~(someone|somebody|others?|another|each other|strangers?|everyone|all)\b
        | (see|sees|saw|seeing|shows?|showed|got|received)~(someone else|somebody else|other (people|customers
            |clients|compan|users|businesses)|another (customer|client|company|user|business|salon|clinic))\w*
        | (security|serious)~(vulnerabilit\w+|hole|flaw|loophole)
        | vulnerabilit(y|ies)
        | exploit(ed|s|able)?\b|sql injection|xss|cross.?site|csrf|idor|proof of concept|bug bounty
        | responsible disclosure
        | fake~(mail|e-?mail|page|site|website|login|invoice|message|sms)~(your|from you|in your)
        | (pretend\w*|claim\w*|pos(ing|es)) to be (you|from you|your)
        | in your (company.?s )?name~(mail|link|page|password|card)
        | (publish|leak|release|sell)~(what (i|we) have|your data|the data|customer data|database)
    """,
    Sign.OUTAGE: r"""
        | outage\w*
        | (site|website|page|pages|app|application|system|platform|service|server|servers|api|sso|log.?in
            |sign.?in|dashboard|widget|checkout|everything|it)~\b(is|are|was|been|went|gone|goes|seems|'s
            |completely|totally|all) (completely |totally |all |still |currently )?(down|offline|unreachable
            |inaccessible|unavailable)\b
        | (page|site|app|system|it)~(says?|shows?|gives?|returns?)~(unavailable|5\d\d|internal server error
            |bad gateway|maintenance)~(everyone|all|hour|morning|customers|guests)
        | (nobody|no ?one|none of (our|the|us|my)|not a single)~(can|could|able|book|log|sign|pay|reach|open
            |access|works?|receiv|got|get)\w*
        | (all|every|everyone|everybody|many|several|most|dozens|hundreds|thousands|multiple|both
            |\d{2,})( of)?( our| my| the| us| people)?~(customer|client|guest|user|employee|colleague|member
            |staff|people|person|patient|student|booking|appointment|reminder|payment|reservation|calendar|team
            |site|page|everyone|everybody)\w*~(can.?t|cannot|can not|unable|couldn.?t|fail\w*|lost|gone
            |vanish\w*|missing|disappear\w*|error\w*|wrong|deleted|wiped|crash\w*|broken|stopped|locked out
            |duplicat\w*|twice|no booking|without a booking|empty|corrupt\w*)
        | (error|failure|crash|problem|fails?|broken|locked out)~(for|on|by|with|hits?) (everyone|everybody|all
            |all of us|the whole|our whole)
        | (charg\w*|paid|payments?|money|cards?)~(but|and|yet)~(no|without|never|not)~(booking|appointment
            |reservation)s?\b~(made|created|exist|confirmed|stored|appear\w*|there|saved)?
        | (bookings|appointments|reservations|customers|calendar entries|data)~(are|have|has|is|were|just|all)~
            (gone|vanished|disappeared|lost|wiped|deleted|corrupt\w*|mixed up|scrambled)
        | all( of)? (our|my|the) \w+~(are|is|have|has|were|just)~(gone|lost|vanished|disappeared|deleted|wiped|missing)
        | (lost|losing|wiped|deleted) (all|every|most|hundreds|dozens|\d{2,})
        | (tonight|today|right now|in an hour|this (morning|evening|afternoon)|starts? (at|in))~(can.?t|cannot
            |nobody|down|not work\w*|doesn.?t work|fails?|broken|error)~(event|concert|show|guests|doors
            |check.?in|class|queue|line)
    """,
    Sign.LAW: r"""
        | lawyers?\b|solicitors?\b|attorneys?\b|barrister
        | legal (action|steps?|proceedings?|claim|notice|counsel|demand|dispute|representative)
        | law ?suits?|litigation
        | (sue|suing) (you|your|them|the company)|take you to court
        | (to|in|before|from|of) (the )?court\b(?! \d)
        | court (order|case|proceedings|hearing)|small claims|tribunal|police|prosecutor|subpoena
        | search warrant|summons|ombudsman|bailiff|regulator\w*|watchdog|supervisory authorit\w+
        | data protection (authority|commission\w*|agency|office\b)|information commissioner
        | trading standards
        | consumer (protection|rights|advice)|better business bureau|attorney general|insolvency
        | liquidator
        | (insolvency|court.appointed) administrator|bankruptcy
        | (formal|official) (complaint|notice|demand|objection)
        | (lodge|file|filing|make|making|submit|raise)( a| an| my| our)?( formal| official)? complaint
        | art(icle|\.)? ?\d+~gdpr
        | gdpr~(violat\w+|breach\w*|complain\w*|infring\w+|non.?complian\w+)
        | trade.?marks?\b|word mark|copyright|infring\w+|dmca|cease and desist|intellectual property
        | (received|opened|registered) (a|your|several|the) (complaint|investigation|inquiry)
        | breach of (contract|law|duty|the)
        | illegal(ly)?
        | unlawful(ly)?|against the law
        | violat\w+~(law|act|rights|gdpr|regulation)
        | discriminat\w+|harass\w+|defamation|libel
        | criminal (complaint|charge|offence|act)
    """,
    Sign.MONEY: r"""
        | (i|we)('ll| will| hereby| must| have to| shall| would like to| want to|'m going to
            |'re going to)? (formally |strongly )?(dispute|contest|challenge|appeal|object to|disagree with
            |reject)\b
        | disputing|contesting
        | (i|we)('ll|'ve|'m|'re)?~(open|opened|opening|file|filed|filing|initiat\w+|start\w*|request\w*|rais\w+)
            ( a| an| the)? (charge.?back|dispute)
        | (charge.?back|dispute) (has been|was|is|is being|will be) (opened|filed|initiated|started|raised)
        | (i|we)('ll| will|'m|'re| am| are| have)?~(tell|told|ask|asked|instruct\w*|contact\w*|call\w*
            |going to)~\bbank\b~(reverse|return|refund|charge.?back|claw|take (it|the money) back|stop)
        | unauthori[sz]ed (charge|payment|debit|transaction|withdrawal)s?
        | (never|not|didn.?t|did not) (agree\w*|authori[sz]e\w*|consent\w*|approve\w*|ordered|order|sign(ed)? up
            |subscribe\w*) ?(to|for|with|this|that|it|any|the|anything)?~(charge|payment|debit|plan|renewal
            |subscription|invoice|fee|amount|money|this|that|it)?\b
        | (without|w/o) (my|our|any) (consent|permission|approval|authori[sz]ation|ok|okay|agreement|knowledge)
        | (charg\w+|bill\w+|debit\w+|took|taken|taking|renewed)~(after|although|though|even though|despite
            |in spite of)~cancel\w*
        | cancel\w*~(but|yet|and|still)~(charg\w+|bill\w+|debit\w+|took|taken|taking|money)
        | still (being )?(charg\w+|bill\w+|tak\w+ (my |our )?money)|theft
        | thie(f|ves)
        | steal(ing|s)?\b
        | stole (my|our|the|money)|fraud\w*|rip.?off
        | ripped (me |us )?off|scamm\w+|daylight robbery
        | (refund|claim|request|appeal|money|credit)~(was|were|been|got|is|has been)? ?(refused|denied|rejected
            |declined|turned down)\b
        | (refused|denied|denying|refusing|rejected|declin\w+) (me |us |my |our |the |to )*~(refund|money|claim
            |request|reimburs\w*|credit)
        | you~(refused|denied|rejected|said no)\b
        | (do not|don.?t|won.?t|will not|cannot|can.?t|never) accept (that|this|it|your|the (answer|decision
            |refusal|charge|invoice|fee))
        | (demand|insist on|expect)~(money|refund|payment|compensation|reimbursement)~?(back)?
        | give (me|us) (back )?(my|our|all|the)~(money|payments?)
        | want (my|our|all my|all our) money( back)?
    """,
    Sign.OTHERS: r"""
        | (person|customer|client|user|guy|one) before me
        | (last|previous|other|recent) (\w+ )?(conversations|chats|tickets)\b~(show|list|you had|of others
            |customers)?
        | (show|give|send|tell|list|print)( me| us)?~(other|another|different|all( the)?|every) (customer|client
            |user|compan|workspace|account|business|tenant|guest)\w*
        | (show|give|send|tell|need|want|get|forward|look up|find|when|where|what|who)~(another|other
            |somebody else|someone else|competitor)\w*('s)? ~?(bookings?|data|customers?|clients?|invoices?
            |password|address|phone|number|calendar|e-?mail|revenue|details|appointments?|account)
        | (admin|administrator|root|superuser|master|owner.?s|staff|agent)('s)? (password|login|credentials
            |access|account)~(of|for|to|please|workspace|now)
        | password (of|for) (the |my |our |a )?(owner|admin|user|boss|colleague|customer|account of|workspace)
        | (my|our|the) (boss|ceo|chef|wife|husband|partner|girlfriend|boyfriend|ex|ex-\w+|colleague|co-?worker
            |employee|daughter|son|mother|father|neighbou?r|competitor|friend|landlord|tenant)('?s)~(account
            |password|appointments?|bookings?|calendar|login|e-?mails?|inbox|data|address|phone)
        | when is \w+( \w+)?'?s~(appointment|booking)
        | (she|he)('s| is)? my (wife|husband|partner|daughter|son|ex|mother|father|girlfriend|boyfriend)
        | right to know
        | i('m| am) (the|your|our|an|a)~(ceo|cto|administrator|developer|engineer|it department|security team
            |from (it|support|engineering)|employee of)~(need|give|send|reset|disable|switch|override|access
            |grant|unlock|without)
        | (override|bypass|skip|circumvent|get around|waive|ignore)~(security|verification|identity|check|checks
            |two.?factor|2fa|authentication|password|protection)
        | security level
        | identity (checks?|verification|questions?|proof)
        | (questions|facts|proofs?|documents)~(ask|need|match|want|check)\w*~(identity|verify|two.?factor|owner
            |caller|somebody|who)
        | how do you~(verify|identify|check)~(caller|who|owner|identity|customer|person)
        | (make|set|grant|give) (me|us|him|her|this (user|address|account))~(admin|administrator|owner|superuser
            |full access|root)\b
        | change~(owner|sign.?in|login|account)~(address|e-?mail)~(without|no access|no longer|urgent|override
            |to)
        | (not|don.?t|do not|without) (notify|tell|inform|warn|telling|informing)\w*~(owner|admin|other|him|her
            |them|boss)
    """,
    Sign.LEAVING: r"""
        | (we|i)('re|'ll|'m| are| am| will| shall)?( now| all| seriously| also)? (leaving|quitting|off to
            |out of here|walking away|done with (you|this|it))
        | (leave|leaving|quit) (you|your|for good|at the end)
        | (take|taking|move|moving) (our|my) (business|money|custom) (elsewhere|away)
        | (switch|switching|mov(e|ing)|chang(e|ing)|go(ing)?) (over )?to (a |an |the |your |one of your )?(competit\w+
            |another (provider|tool|company|supplier|software|vendor|service|system)|someone else
            |somewhere else|elsewhere)
        | competitors?\b~(already|offer|better|cheaper|look|quote|trial|demo)
        | look(ing|ed)? (at|for|into|around for) (an? )?(alternative|other (provider|tool|option|supplier
            |software|vendor)|replacement|competit)\w*
        | consider(ing)? (our options|alternatives|leaving|switching|other)
        | (won.?t|will not|don.?t|do not|not|never|shall not|wouldn.?t)~(renew|extend|continue with|stay
            |recommend you|use you)\b
        | not (be )?renewing
        | (last|final) (chance|straw|warning)|fed up
        | (had|have|has) enough\b( of)?
        | sick (and tired )?of|sick of
        | tired of (this|your|wait|explain|be)\w*
        | losing (my |our |all )?patience
        | lost (all )?(patience|trust|faith|confidence)|run out of patience|had it with|never again
        | (biggest|worst) (mistake|service|support|software|company|experience|tool|update)
        | (useless|terrible|awful|horrible|appalling|disgraceful|pathetic|disgusting|shameful|atrocious|rubbish
            |garbage|crap\w*|shit\w*) (support|service|company|product|software|tool|app|update|redesign|people
            |piece)
        | (is|this is|it.?s|are) (a (total |complete |absolute )?(joke|disgrace|shame|farce|scandal)
            |unacceptable|ridiculous|outrageous|a nightmare)
        | utterly
        | deeply (disappointed|dissatisfied|unhappy)
        | (very|so|extremely|really) (disappointed|dissatisfied|unhappy|angry)
        | cancel~(because|since|as|due to)~(bad|slow|poor|useless|terrible|broken|awful|disappoint\w*|unhapp\w*
            |never)
        | delete~account~(useless|terrible|awful|hate|enough|rubbish)
        | bye.?bye
    """,
    Sign.HUMAN: r"""
        | (talk|speak|speaking|talking|chat|connect|put|pass|transfer|hand|get|want|need|prefer|like|give|let
            |ask|find|reach|contact)\w*~\b(an?|some|the|your|another|any|actual|real|live) ((real|actual|live
            |living|human|proper|senior) )*(human|person|people|agent|manager|supervisor|representative|operator
            |team lead|advisor|employee|colleague of yours|member of staff|staff member)\b(?!s?['’]?s? (plan
            |page|seat|account|calendar|feature))
        | (real|actual|living|human) (person|people|human|being|agent|support|contact)
        | \bhumans?\b(?! resources)
        | (talk|speak|speaking|talking) (to|with) (someone|somebody|anyone|anybody)
        | (someone|somebody) (real|in charge|responsible|competent|senior|with authority)
        | (no|not|without|stop|hate|sick of|instead of|other than)( with| to)?( a| an| the| your| this
            | talking to| any| more| these)* (bots?|robots?|chat ?bots?|machines?|automat\w+ (answers?|repl\w+
            |messages?)|ai)\b(?! sync)
        | (your|the) (manager|supervisor|superior|boss of)\b~(please|now|speak|talk|call|contact|complain|write)
        | (manager|supervisor|agent|human|operator) please
        | (please |can you |could you |someone |somebody |have someone |to )(call|ring|phone) (me|us)\b
        | call.?back (please|from)
        | (call|ring|phone) me( back)?\b
        | escalate (this|it|my|to)
    """,
}
