"""The model, and what it may cost."""

from bot.rows import Spent
from config.check.finding import Finding, Problem, Scene, found
from config.sections import OpenAI

SECONDS = 15.0

DO = {
    "not authorised": "put a valid key into OPENAI__API_KEY, or into the file that OPENAI__API_KEY_FILE names",
    "model or address not found": "look at OPENAI__MODEL and OPENAI__BASE_URL (it mostly ends in /v1)",
    "rate limited": "raise the limits at the provider, or wait; until then the local triager decides",
}


async def model(scene: Scene) -> Finding:
    """One tiny call, if a model is to be asked at all."""
    if scene.settings.triage.triager != "openai":
        return found(note=f"none: the triager is {scene.settings.triage.triager}")
    # Only here: a desk without a model need not have the package.
    from bot.triagers.openai_probe import probe

    ours = scene.settings.openai
    if not ours.model:
        return found(Problem("OPENAI__MODEL is not set", "name the model"))
    key = ours.api_key.get_secret_value() if ours.api_key else None
    reason = await probe(ours.base_url, key, ours.model, SECONDS)
    if reason is None:
        return found(note=f"{ours.model} answers")
    do = DO.get(reason, "look at OPENAI__BASE_URL and at the provider; until then the local triager decides")
    return found(Problem(f"{ours.model}: {reason}", do))


async def budget(scene: Scene) -> Finding:
    if scene.settings.triage.triager != "openai":
        return found(note="no model, no cost")
    spent = await scene.read(lambda look: look.budgets.spent(look.now.date()))
    return within(scene.settings.openai, spent or Spent())


def within(limits: OpenAI, spent: Spent) -> Finding:
    if not (limits.tokens_a_day or limits.money_a_day):
        return found(Problem("the model may cost any amount", "set OPENAI__TOKENS_A_DAY or OPENAI__MONEY_A_DAY"))
    over = (limits.tokens_a_day and spent.tokens >= limits.tokens_a_day) or (
        limits.money_a_day and spent.cost >= limits.money_a_day
    )
    parts = [f"{spent.tokens} of {limits.tokens_a_day} tokens"] if limits.tokens_a_day else []
    parts += [f"{spent.cost:.2f} of {limits.money_a_day:.2f} in money"] if limits.money_a_day else []
    told = f"spent today: {', '.join(parts)}"
    if over:
        do = "until midnight UTC the local triager decides; raise OPENAI__TOKENS_A_DAY or OPENAI__MONEY_A_DAY for more"
        return found(Problem(told, do))
    return found(note=told)
