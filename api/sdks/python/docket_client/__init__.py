"""A client of Docket's generic API: a method for each of its operations."""

import json
import time
import uuid
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

__all__ = ["Docket", "DocketError"]


class DocketError(Exception):
    """What the API refused, or what it couldn't do."""

    def __init__(self, status, error, request_id, retry_after):
        super().__init__(error.get("message", f"HTTP {status}"))
        self.status = status
        self.code = error.get("code")
        self.details = error.get("details")
        self.request_id = request_id
        self.retry_after = retry_after


class Docket:
    """The API at a base URL with its mount, `https://docket.example.com/generic`; times are seconds."""

    def __init__(self, base_url, api_key, *, retries=3, longest_wait=60, timeout=30):
        self._base = base_url.rstrip("/") + "/v1"
        self._key = api_key
        self._retries = retries
        self._longest_wait = longest_wait
        self._timeout = timeout

    def list_projects(self, **query):
        return self._list("/projects", query)

    def create_project(self, *, idempotency_key=None, **body):
        return self._write("POST", "/projects", body, idempotency_key)

    def get_project(self, id):
        return self._call("GET", f"/projects/{quote(id, safe='')}")["data"]

    def update_project(self, id, *, idempotency_key=None, **body):
        return self._write("PUT", f"/projects/{quote(id, safe='')}", body, idempotency_key)

    def delete_project(self, id, *, idempotency_key=None):
        return self._write("DELETE", f"/projects/{quote(id, safe='')}", None, idempotency_key)

    def list_tasks(self, **query):
        return self._list("/tasks", query)

    def create_task(self, *, idempotency_key=None, **body):
        return self._write("POST", "/tasks", body, idempotency_key)

    def get_task(self, id):
        return self._call("GET", f"/tasks/{quote(id, safe='')}")["data"]

    def update_task(self, id, *, idempotency_key=None, **body):
        return self._write("PUT", f"/tasks/{quote(id, safe='')}", body, idempotency_key)

    def delete_task(self, id, *, idempotency_key=None):
        return self._write("DELETE", f"/tasks/{quote(id, safe='')}", None, idempotency_key)

    def all_projects(self, **query):
        """All projects, page by page."""
        return self._all(self.list_projects, query)

    def all_tasks(self, **query):
        """All tasks, page by page."""
        return self._all(self.list_tasks, query)

    def _all(self, page_of, query):
        offset, more = 0, True
        while more:
            page = page_of(**{**query, "offset": offset})
            yield from page["data"]
            offset += page["pagination"]["limit"]
            more = page["pagination"]["has_more"]

    def _list(self, path, query):
        """A page: `data`, and in `pagination` where it is among all."""
        answer = self._call("GET", f"{path}?{urlencode(query)}")
        return {"data": answer["data"], "pagination": answer["pagination"]}

    def _write(self, method, path, body, idempotency_key):
        """The same key for each try: whatever was done is not done again."""
        headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        return self._call(method, path, body, headers)["data"]

    def _call(self, method, path, body=None, headers=None):
        headers = {"Authorization": f"Bearer {self._key}", **(headers or {})}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        for tried in range(self._retries + 1):
            try:
                request = Request(self._base + path, data, headers, method=method)
                with urlopen(request, timeout=self._timeout) as response:
                    return json.load(response)
            except HTTPError as refused:
                with refused:
                    error = _failure(refused)
            again = error.retry_after is not None and error.retry_after <= self._longest_wait
            if tried == self._retries or not again:
                raise error
            time.sleep(error.retry_after)


def _failure(refused):
    """Only what may come to another answer later has a `Retry-After`."""
    after = refused.headers.get("Retry-After", "")
    try:
        error = json.load(refused).get("error", {})
    except (ValueError, AttributeError):
        error = {}
    retry_after = int(after) if after.isdecimal() else None
    return DocketError(refused.code, error, refused.headers.get("X-Request-Id"), retry_after)
