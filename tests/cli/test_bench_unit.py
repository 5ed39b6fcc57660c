"""The unit of ``torg bench`` is served as the shop is."""

import http.client

from torg.cli.bench.constant import BODY, PATH
from torg.cli.bench.programs import free_port, largest_child_memory, serving


def test_the_unit_is_served_while_it_is_measured_and_not_after(tmp_path):
    port = free_port()
    arguments = [str(port), "1", "2"]

    with serving(
        "torg.cli.bench.constant", arguments, port=port, ready=PATH, environment={}, log=tmp_path / "log"
    ) as pid:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", PATH)
        response = connection.getresponse()
        assert (response.status, response.read()) == (200, BODY)
        assert response.headers["X-Frame-Options"] == "DENY"
        connection.close()
        memory = largest_child_memory(pid)
        assert memory is None or 10 * 2**20 < memory < 500 * 2**20

    with serving(
        "torg.cli.bench.constant", arguments, port=port, ready=PATH, environment={}, log=tmp_path / "log"
    ):
        pass  # The port is free again.
