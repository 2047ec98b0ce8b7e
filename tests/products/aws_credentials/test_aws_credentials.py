"""Profiles with session tokens and roles; never a key."""

from __future__ import annotations

import pytest

from tests.products.texts import facts, read, workload
from tochain.check import sample
from tochain.model.component import Word
from tochain.model.span import Pos, Span

FILE = """\
[default]
aws_access_key_id = AKIAHUNTER2
aws_secret_access_key = hunter2
[deploy]
aws_access_key_id = ASIAHUNTER2
aws_secret_access_key = hunter2
aws_session_token = hunter2
[profile batch]
role_arn = arn:aws:iam::1:role/batch
duration_seconds = 7200
"""


def test_profiles():
    deploy, batch = read("aws-credentials", {".aws/credentials": FILE})[0]
    assert [(c.name, c.variant, c.span.start.line) for c in (deploy, batch)] == [
        ("deploy", "static", 7),
        ("batch", None, 8),
    ]
    assert facts(deploy.facts, "schedule.credential_hold")[0].startswith("schedule.credential_hold = never")
    assert facts(batch.facts, "schedule.credential_lifetime") == [
        "schedule.credential_lifetime = 2h (DurationSeconds, written @ 10:1)"
    ]
    assert "hunter2" not in repr((deploy, batch)).lower()


def test_environment():
    env = {"AWS_SESSION_TOKEN": Word("hunter2", Span("compose.yaml", Pos(3, 9), Pos(3, 20)))}
    (found,), _ = read("aws-credentials", {}, workload("job", "acme/job:1", env=env))
    assert (found.name, found.variant, "hunter2" in repr(found)) == ("job", "static", False)


HELD = """\
import software.amazon.awssdk.auth.credentials.InstanceProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.auth.credentials.WebIdentityTokenFileCredentialsProvider;
class Store {{
  S3Client open(AwsCredentials given) {{
    var provider = {provider};
    return S3Client.builder().credentialsProvider(StaticCredentialsProvider.create({held})).build();
  }}
}}
"""


@pytest.mark.parametrize(
    ("provider", "held", "lifetime"),
    [
        ("InstanceProfileCredentialsProvider.create()", "provider.resolveCredentials()", ["6h"]),
        ("WebIdentityTokenFileCredentialsProvider.create()", "provider.resolveCredentials()", ["1h"]),
        ("ProfileCredentialsProvider.create()", "provider.resolveCredentials()", []),
        ("InstanceProfileCredentialsProvider.create()", "given", []),
    ],
)
def test_what_is_taken_out_of_a_provider_is_held_for_good(provider: str, held: str, lifetime: list[str]):
    """Keys of a profile may last; what somebody hands in may be anything."""
    graph = sample({"Store.java": HELD.format(provider=provider, held=held)}).graph
    known = {timer: facts for component in graph.components for timer, facts in component.facts.items()}
    assert [fact.value for fact in known.get("schedule.credential_lifetime", ())] == lifetime
    assert ("schedule.credential_hold" in known) == bool(lifetime)
