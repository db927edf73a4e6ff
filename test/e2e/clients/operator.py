"""A small kopf operator, as anybody would write one: it pitches tents, and strikes them when they are deleted."""

import kopf

TENTS = ("clients.darkcarnival.dev", "v1", "tents")


@kopf.on.startup()
def configure(settings: kopf.OperatorSettings, **_):
    settings.watching.server_timeout = 2
    settings.networking.error_backoffs = [0.2] * 50
    settings.posting.loggers = True


@kopf.on.create(*TENTS)
def pitch(spec, patch, body, retry, **_):
    if spec.get("wind") and retry == 0:
        raise kopf.TemporaryError("too much wind", delay=1)
    patch.status["phase"] = "Pitched"
    patch.status["seats"] = spec["seats"]
    kopf.info(body, reason="Pitched", message="The tent stands")
    return {"tries": retry + 1}


@kopf.on.update(*TENTS, field="spec.seats")
def reseat(old, new, patch, logger, **_):
    patch.status["seats"] = new
    logger.info(f"Seats went from {old} to {new}")


@kopf.on.delete(*TENTS)
def strike(name, logger, **_):
    logger.info(f"Struck {name}")


@kopf.timer(*TENTS, interval=0.5, labels={"lit": "yes"})
def burn(status, patch, **_):
    patch.status["burnt"] = status.get("burnt", 0) + 1


@kopf.daemon(*TENTS, annotations={"guarded": "yes"})
async def guard(stopped, logger, **_):
    logger.info("Guard mounted")
    await stopped.wait()
    logger.info("Guard relieved")
