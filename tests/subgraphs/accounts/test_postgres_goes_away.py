"""PostgreSQL is restarted, or away: nobody is told more than to come back, and the service need not be started anew."""

from pathlib import Path

import pytest

from tests.subgraphs.accounts.postgres import find_postgres, postgres
from tests.subgraphs.accounts.system import Accounts, signing_key


def test_after_a_restart_everybody_is_answered_and_while_it_is_away_told_to_come_back(tmp_path: Path) -> None:
    programs = find_postgres()
    if programs is None:
        pytest.skip("no PostgreSQL on this machine: apt-get install postgresql")
    with postgres(programs) as server:
        service = Accounts(tmp_path, [signing_key()], more={"ACCOUNTS_DATABASE_URL": server.url})
        with service.running() as accounts:
            assert accounts.client_token("reviewer").status_code == 200

            server.pg_ctl("stop")
            answer = accounts.client_token("reviewer")
            assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
            assert int(answer.headers["Retry-After"]) > 0

            server.pg_ctl("start")
            assert [accounts.client_token("reviewer").status_code for _ in range(6)] == [200] * 6
