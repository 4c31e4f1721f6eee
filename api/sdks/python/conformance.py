"""What a client of the generic API must be able to do, told to a server that has a limit: BASE_URL, API_KEY."""

import os
import uuid

from docket_client import Docket, DocketError

BASE_URL, API_KEY = os.environ["BASE_URL"], os.environ["API_KEY"]
docket = Docket(BASE_URL, API_KEY)


def refused(status, code, details, call):
    try:
        call()
    except DocketError as error:
        assert (error.status, error.code, error.details) == (status, code, details), vars(error)
        assert len(error.request_id) == 36, error.request_id
        return error
    raise AssertionError("it was let through")


project = docket.create_project(name="Website")
assert docket.get_project(project["id"]) == project
renamed = docket.update_project(project["id"], name="Shop")
assert renamed["name"] == "Shop", renamed

once = str(uuid.uuid4())
login = {"title": "Login", "project_id": project["id"], "priority": "high"}
task = docket.create_task(**login, idempotency_key=once)
assert docket.create_task(**login, idempotency_key=once)["id"] == task["id"]
done = docket.update_task(task["id"], status="completed")
assert (done["status"], done["title"], done["priority"]) == ("completed", "Login", "high"), done
assert docket.get_task(task["id"]) == done

for title in ["Basket", "Näher & weiter"]:
    docket.create_task(title=title, project_id=project["id"])
page = docket.list_tasks(project_id=project["id"], limit=2)
assert len(page["data"]) == 2, page
assert page["pagination"] == {"total": 3, "limit": 2, "offset": 0, "has_more": True}, page
titles = sorted(one["title"] for one in docket.all_tasks(project_id=project["id"], limit=2))
assert titles == ["Basket", "Login", "Näher & weiter"], titles
assert project["id"] in [one["id"] for one in docket.all_projects()]
assert len(docket.list_projects(limit=1)["data"]) == 1

refused(400, "VALIDATION_ERROR", {"field": "title"}, lambda: docket.create_task(project_id=project["id"]))
refused(400, "VALIDATION_ERROR", {"field": "status"}, lambda: docket.list_tasks(status="nonsense"))
refused(401, "UNAUTHORIZED", None, Docket(BASE_URL, "gk_nobody").list_tasks)
assert docket.delete_task(task["id"]) == {"id": task["id"], "deleted": True}
refused(404, "NOT_FOUND", None, lambda: docket.get_task(task["id"]))


# Who doesn't wait is refused; who does, is not.
def impatient():
    client = Docket(BASE_URL, API_KEY, retries=0)
    for _ in range(1000):
        client.get_project(project["id"])


assert refused(429, "RATE_LIMITED", None, impatient).retry_after >= 1
assert docket.get_project(project["id"]) == renamed

assert docket.delete_project(project["id"]) == {"id": project["id"], "deleted": True}
refused(404, "NOT_FOUND", None, lambda: docket.get_project("../tasks"))
print("python: all is well")
