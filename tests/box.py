"""A client of the service on a fresh folder, as the tests of its requests use it."""

from collections import namedtuple
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response

from host.service.file_records import FileRecords
from host.service.supervisor import Supervisor
from host.service.upload import Limits
from tests.service import API, video, wait_for

UNKNOWN = "00000000-0000-7000-8000-000000000000"
LIMITS = Limits(max_upload_bytes=100_000, reserve_bytes=1000)
Usage = namedtuple("Usage", "total used free")


class Box:
    """A client of an application on a fresh folder."""

    def __init__(self, client: TestClient, records: FileRecords, supervisor: Supervisor) -> None:
        self.client = client
        self.records = records
        self.supervisor = supervisor

    def send(self, content: bytes = b"", name: str = "walk.mp4", **fields: str) -> Response:
        files = {"file": (name, content or video())}
        return self.client.post(f"{API}/recordings", files=files, data=fields)

    def post(self, body: bytes, kind: str) -> Response:
        headers = {"Content-Type": kind}
        return self.client.post(f"{API}/recordings", content=body, headers=headers)

    def sent(self, order: str = "") -> Any:
        return self.send(video(order)).json()

    def done(self, recording_id: str) -> Any:
        def look() -> Any:
            recording = self.client.get(f"{API}/recordings/{recording_id}").json()
            return recording if recording["state"] in ("done", "failed") else None

        return wait_for(look)

    def refused(self, response: Response, status: int, code: str) -> str:
        """Checks a problem document and that nothing is left of an upload; gives the detail."""
        assert response.status_code == status, response.text
        assert response.headers["content-type"] == "application/problem+json"
        problem = response.json()
        assert (problem["status"], problem["code"]) == (status, code)
        assert problem["type"] == f"/docs#{code}"
        assert problem["title"]
        assert list(self.records.incoming.iterdir()) == []
        return str(problem["detail"])
