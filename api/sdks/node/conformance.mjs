// What a client of the generic API must be able to do, told to a server that has a limit: BASE_URL, API_KEY.
import assert from "node:assert/strict";
import { Docket, DocketError } from "docket-client";

const { BASE_URL, API_KEY } = process.env;
const docket = new Docket(BASE_URL, API_KEY);

async function refused(call, status, code, details) {
  const error = await call.then(() => assert.fail("it was let through"), (error) => error);
  assert.ok(error instanceof DocketError, error);
  assert.deepEqual([error.status, error.code, error.details], [status, code, details]);
  assert.match(error.requestId, /^[0-9a-f-]{36}$/);
  return error;
}

const project = await docket.createProject({ name: "Website" });
assert.deepEqual(await docket.getProject(project.id), project);
const renamed = await docket.updateProject(project.id, { name: "Shop" });
assert.equal(renamed.name, "Shop");

const once = { idempotencyKey: crypto.randomUUID() };
const task = await docket.createTask({ title: "Login", project_id: project.id, priority: "high" }, once);
const again = await docket.createTask({ title: "Login", project_id: project.id, priority: "high" }, once);
assert.equal(again.id, task.id);
const done = await docket.updateTask(task.id, { status: "completed" });
assert.deepEqual([done.status, done.title, done.priority], ["completed", "Login", "high"]);
assert.deepEqual(await docket.getTask(task.id), done);

for (const title of ["Basket", "Näher & weiter"]) await docket.createTask({ title, project_id: project.id });
const page = await docket.listTasks({ project_id: project.id, limit: 2 });
assert.equal(page.data.length, 2);
assert.deepEqual(page.pagination, { total: 3, limit: 2, offset: 0, has_more: true });
const titles = [];
for await (const one of docket.allTasks({ project_id: project.id, limit: 2 })) titles.push(one.title);
assert.deepEqual(titles.sort(), ["Basket", "Login", "Näher & weiter"]);
const projects = [];
for await (const one of docket.allProjects()) projects.push(one.id);
assert.ok(projects.includes(project.id));
assert.equal((await docket.listProjects({ limit: 1 })).data.length, 1);

await refused(docket.createTask({ project_id: project.id }), 400, "VALIDATION_ERROR", { field: "title" });
await refused(docket.listTasks({ status: "nonsense" }), 400, "VALIDATION_ERROR", { field: "status" });
await refused(new Docket(BASE_URL, "gk_nobody").listTasks(), 401, "UNAUTHORIZED", undefined);
assert.deepEqual(await docket.deleteTask(task.id), { id: task.id, deleted: true });
await refused(docket.getTask(task.id), 404, "NOT_FOUND", undefined);

// Who doesn't wait is refused; who does, is not.
const impatient = new Docket(BASE_URL, API_KEY, { retries: 0 });
const tooMany = (async () => {
  for (let sent = 0; sent < 1000; sent++) await impatient.getProject(project.id);
})();
const { retryAfter } = await refused(tooMany, 429, "RATE_LIMITED", undefined);
assert.ok(retryAfter >= 1);
assert.deepEqual(await docket.getProject(project.id), renamed);

assert.deepEqual(await docket.deleteProject(project.id), { id: project.id, deleted: true });
await refused(docket.getProject("../tasks"), 404, "NOT_FOUND", undefined);
console.log("node: all is well");
