"""The users lifecycle through Okta's own client for Python: `okta_python.py URL TOKEN`.

Every call goes to the server at URL and is checked; the first surprise ends the run with an error. Errors are expected as the
client gives them to programs: status, code and id.
"""

import asyncio
import logging
import os
import re
import sys
import traceback
import uuid

import okta.models as models
from okta.client import Client
from okta.pagination import PaginationHelper

HTTP_ALLOWED = "OKTA_TESTING_TESTINGDISABLEHTTPSCHECK"
SECONDS_PER_CALL = 10
PASSWORD = "Sunny-Harbour-17"
NEW_PASSWORD = "Windy-Quayside-42"


class Session:
    """One client; counts its calls and checks how each of them ends."""

    calls = 0
    error_ids = set()

    def __init__(self, url, token):
        # An id is asked for again within a step: an answer from the client's cache would prove nothing.
        self.client = Client({"orgUrl": url, "token": token, "cache": {"enabled": False}})

    async def call(self, name, *arguments, **options):
        """The data, the response and the error of one call."""
        Session.calls += 1
        outcome = await asyncio.wait_for(getattr(self.client, name)(*arguments, **options), SECONDS_PER_CALL)
        # Where an operation answers nothing, the client leaves the data out, but only of its errors.
        return outcome if len(outcome) == 3 else (None, *outcome)

    async def done(self, status, name, *arguments, **options):
        """The data and the response of a call that must succeed with this status."""
        data, response, error = await self.call(name, *arguments, **options)
        assert error is None, f"{name}: {error}"
        assert response.status_code == status, f"{name}: {response.status_code}, expected {status}"
        return data, response

    async def data(self, name, *arguments, **options):
        """The data of a call that must succeed with 200."""
        return (await self.done(200, name, *arguments, **options))[0]

    async def refused(self, status, codes, name, *arguments, **options):
        """The error of a call that must be refused with this status and one of these codes."""
        _, _, error = await self.call(name, *arguments, **options)
        assert error is not None, f"{name}: succeeded, expected {status} {codes}"
        seen = f"{name}: {error}"
        # Another kind of error has no code: the client could not read the envelope.
        assert type(error).__name__ == "OktaAPIError", f"{type(error).__name__} from {seen}"
        assert error.status == status and error.error_code in codes, f"{seen}, expected {status} {codes}"
        assert error.error_link == error.error_code, seen
        assert re.fullmatch("oae[0-9A-Za-z_-]{22}", error.error_id), f"{seen}: errorId {error.error_id}"
        assert error.error_id not in Session.error_ids, f"{seen}: errorId {error.error_id} a second time"
        Session.error_ids.add(error.error_id)
        return error

    async def is_in(self, status, user):
        """Checks the status of a user by asking for it."""
        found = await self.data("get_user", user.id)
        assert found.id == user.id
        assert found.status == status, f"user is {found.status}, expected {status}"
        return found

    async def make_user(self, password=PASSWORD, **options):
        """Creates a user."""
        login = f"{uuid.uuid4().hex}@oktaspec.example"
        body = models.CreateUserRequest(
            profile=models.UserProfile(first_name="Ada", last_name="Client", email=login, login=login),
            credentials=models.UserCredentialsWritable(password=models.PasswordCredential(value=password)),
        )
        return await self.data("create_user", body, **options)

    async def unmake_user(self, user):
        """The first deletion deactivates, the second deletes."""
        await self.done(204, "delete_user", user.id)
        await self.is_in("DEPROVISIONED", user)
        await self.done(204, "delete_user", user.id)
        await self.refused(404, ["E0000007"], "get_user", user.id)


async def refuses_http(url, token):
    """Without the variable for tests the client accepts https only."""
    allowed = os.environ.pop(HTTP_ALLOWED)
    try:
        Client({"orgUrl": url, "token": token})
    except ValueError as error:
        assert "https" in str(error), error
    else:
        raise AssertionError("the client accepted http")
    finally:
        os.environ[HTTP_ALLOWED] = allowed


async def sends_no_space(_url, _token):
    """What the client really sends: its scheme and the token without a space between them."""
    heads = []

    async def answer(reader, writer):
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        await Session(f"http://127.0.0.1:{port}", "00token").data("suspend_user", "00user")
    (head,) = heads
    assert "\r\nAuthorization: SSWS00token\r\n" in head, head
    # A POST without a body still has a length and a type, and the type is not that of JSON.
    assert head.startswith("POST /api/v1/users/00user/lifecycle/suspend HTTP/1.1\r\n"), head
    assert "\r\nContent-Length: 0\r\n" in head and "\r\nContent-Type: application/octet-stream\r\n" in head, head


async def creates_and_reads(url, token):
    """Active and staged users, the same user by id and by login, and the lists."""
    session = Session(url, token)
    user = await session.make_user(activate=True)
    assert user.status == "ACTIVE", user.status
    assert user.activated and user.password_changed and user.created
    assert user.credentials.provider.type == "OKTA" and user.credentials.password.value is None
    assert user.links.suspend.href == f"{url}/api/v1/users/{user.id}/lifecycle/suspend"
    staged = await session.make_user(activate=False)
    assert staged.status == "STAGED" and staged.activated is None
    found = await session.data("get_user", user.profile.login)
    assert (found.id, found.profile.login) == (user.id, user.profile.login)

    taken = models.CreateUserRequest(profile=user.profile)
    error = await session.refused(400, ["E0000001"], "create_user", taken)
    assert error.error_causes[0]["errorSummary"].startswith("login: "), error.error_causes

    found = await session.data("list_users", filter=f'id eq "{user.id}"')
    assert [one.id for one in found] == [user.id]
    found = await session.data("list_users", search=f'profile.login eq "{staged.profile.login}"')
    assert [one.id for one in found] == [staged.id]
    await lists_by_pages(session, {user.id, staged.id})
    await session.unmake_user(user)
    await session.unmake_user(staged)


async def lists_by_pages(session, wanted):
    """Follows the cursor of the Link header to the end; each user comes once."""
    seen, after = [], None
    for _ in range(50):
        users, response = await session.done(200, "list_users", limit=2, after=after)
        assert len(users) <= 2
        seen += [user.id for user in users]
        # Of several Link headers the client keeps the last: `next`, where there is one.
        after = PaginationHelper.extract_next_cursor(response.headers)
        if after is None:
            break
    assert after is None, "the pages have no end"
    assert len(seen) == len(set(seen)), "a user is on two pages"
    assert wanted <= set(seen), "a user is on no page"


async def updates(url, token):
    """A partial update keeps the rest of the profile, a full one does not."""
    session = Session(url, token)
    user = await session.make_user()
    change = models.UpdateUserRequest(profile=models.UserProfile(nick_name="Countess"))
    changed = await session.data("update_user", user.id, change)
    assert changed.profile.nick_name == "Countess" and changed.profile.first_name == "Ada"
    profile = models.UserProfile(
        first_name="Augusta", last_name="Client", email=user.profile.email, login=user.profile.login
    )
    changed = await session.data("replace_user", user.id, models.UpdateUserRequest(profile=profile))
    assert changed.profile.first_name == "Augusta" and changed.profile.nick_name is None
    assert (await session.is_in("ACTIVE", user)).profile.first_name == "Augusta"
    await session.unmake_user(user)


async def activates(url, token):
    """From staged to active, deactivated, and activated once more."""
    session = Session(url, token)
    user = await session.make_user(activate=False)
    await session.refused(403, ["E0000038"], "reactivate_user", user.id, send_email=False)
    activation = await session.data("activate_user", user.id, send_email=False)
    assert activation.activation_token and activation.activation_url.startswith("http")
    await session.is_in("ACTIVE", user)
    await session.refused(403, ["E0000016"], "activate_user", user.id, send_email=False)
    await session.data("deactivate_user", user.id)
    await session.is_in("DEPROVISIONED", user)
    await session.data("activate_user", user.id, send_email=False)
    await session.is_in("PROVISIONED", user)
    await session.data("reactivate_user", user.id, send_email=False)
    await session.unmake_user(user)


async def suspends_and_unlocks(url, token):
    """Suspended and back; only who is locked is unlocked."""
    session = Session(url, token)
    user = await session.make_user()
    await session.data("suspend_user", user.id)
    await session.is_in("SUSPENDED", user)
    await session.refused(400, ["E0000001", "E0000028"], "suspend_user", user.id)
    await session.data("unsuspend_user", user.id)
    await session.is_in("ACTIVE", user)
    await session.refused(400, ["E0000001", "E0000028"], "unsuspend_user", user.id)
    error = await session.refused(403, ["E0000032"], "unlock_user", user.id)
    assert error.error_causes, "the client shows no cause"
    await session.is_in("ACTIVE", user)
    await session.unmake_user(user)

    locked = await session.data("list_users", filter='status eq "LOCKED_OUT"')
    assert locked, "no ready-made account is locked"
    await session.data("unlock_user", locked[0].id)
    await session.is_in("ACTIVE", locked[0])


async def changes_passwords(url, token):
    """Expired by an administrator, changed with the old one, refused with a wrong one."""
    session = Session(url, token)
    user = await session.make_user()

    def change(old, new):
        return models.ChangePasswordRequest(
            old_password=models.PasswordCredential(value=old), new_password=models.PasswordCredential(value=new)
        )

    expired = await session.data("expire_password", user.id)
    assert expired.status == "PASSWORD_EXPIRED", expired.status
    await session.refused(403, ["E0000014"], "change_password", user.id, change("wrong", NEW_PASSWORD))
    await session.refused(403, ["E0000080", "E0000014"], "change_password", user.id, change(PASSWORD, "short"))
    await session.is_in("PASSWORD_EXPIRED", user)
    credentials = await session.data("change_password", user.id, change(PASSWORD, NEW_PASSWORD))
    assert credentials.provider.type == "OKTA" and credentials.password.value is None
    await session.is_in("ACTIVE", user)
    await session.refused(403, ["E0000014"], "change_password", user.id, change(PASSWORD, "Misty-Lighthouse-8"))
    reset = await session.data("reset_password", user.id, False)
    assert reset.reset_password_url.startswith("http"), reset
    await session.is_in("RECOVERY", user)
    await session.unmake_user(user)

    expired = await session.make_user(activate=True, next_login="changePassword")
    assert expired.status == "PASSWORD_EXPIRED", expired.status
    await session.unmake_user(expired)


async def groups(url, token):
    """A group is made, found, filled, emptied, renamed and deleted."""
    session = Session(url, token)

    def named(name):
        return models.AddGroupRequest(profile=models.OktaUserGroupProfile(name=name))

    name = f"oktaspec {uuid.uuid4().hex}"
    user = await session.make_user()
    group = await session.data("add_group", named(name))
    assert group.id and group.created and group.object_class
    # A profile is one of two models; the client finds out which.
    assert group.type == "OKTA_GROUP" and group.profile.actual_instance.name == name
    renamed = await session.data("replace_group", group.id, named(f"{name} renamed"))
    assert renamed.id == group.id
    found = await session.data("get_group", group.id)
    assert found.profile.actual_instance.name == f"{name} renamed"
    await session.done(204, "assign_user_to_group", group.id, user.id)
    assert [one.id for one in await session.data("list_group_users", group.id)] == [user.id]
    assert group.id in [one.id for one in await session.data("list_user_groups", user.id)]
    assert [one.id for one in await session.data("list_groups", q=name)] == [group.id]
    await session.done(204, "unassign_user_from_group", group.id, user.id)
    assert await session.data("list_group_users", group.id) == []
    await session.done(204, "delete_group", group.id)
    await session.refused(404, ["E0000007"], "get_group", group.id)
    await session.unmake_user(user)


async def refuses_strangers(url, token):
    """A wrong token, and ids that nobody has."""
    await Session(url, "00" + "x" * 40).refused(401, ["E0000011"], "list_users")
    session = Session(url, token)
    await session.refused(404, ["E0000007"], "get_user", "00unobodyhasthis0id0")
    await session.refused(404, ["E0000007"], "suspend_user", "00unobodyhasthis0id0")
    await session.refused(404, ["E0000007"], "delete_user", "00unobodyhasthis0id0")


STEPS = [
    refuses_http,
    sends_no_space,
    creates_and_reads,
    updates,
    activates,
    suspends_and_unlocks,
    changes_passwords,
    groups,
    refuses_strangers,
]


async def main(url, token):
    """Runs every step; says which of them failed."""
    failed = []
    for step in STEPS:
        try:
            await step(url, token)
        except Exception as error:  # noqa: BLE001, the other steps still have something to say
            failed.append(step.__name__)
            frames = traceback.extract_tb(error.__traceback__)
            where = next(frame for frame in frames if frame.name == step.__name__)
            print(f"{step.__name__}, line {where.lineno}: {where.line}", file=sys.stderr)
            print(f"    {type(error).__name__}: {error}", file=sys.stderr)
    print(f"{len(STEPS)} steps, {Session.calls} calls, {len(failed)} failed {' '.join(failed)}".strip())
    return 1 if failed else 0


# The client writes every refusal to its log, and here most of them are wanted.
logging.disable(logging.CRITICAL)
sys.exit(asyncio.run(main(*sys.argv[1:])))
