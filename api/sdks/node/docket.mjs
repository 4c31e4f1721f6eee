// A client of Docket's generic API: a method for each of its operations.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

/** What the API refused, or what it couldn't do. */
export class DocketError extends Error {
  constructor(status, { code, message, details } = {}, { requestId, retryAfter } = {}) {
    super(message ?? `HTTP ${status}`);
    this.name = "DocketError";
    Object.assign(this, { status, code, details, requestId, retryAfter });
  }
}

export class Docket {
  #base;
  #key;
  #retries;
  #longestWait;
  #timeout;

  /**
   * @param {string} baseUrl with the mount: `https://docket.example.com/generic`
   * @param {string} apiKey
   * @param {object} [options] how often to try again, how many seconds to wait at most before it, and for an answer
   */
  constructor(baseUrl, apiKey, { retries = 3, longestWait = 60, timeout = 30 } = {}) {
    this.#base = `${baseUrl.replace(/\/+$/, "")}/v1`;
    this.#key = apiKey;
    this.#retries = retries;
    this.#longestWait = longestWait;
    this.#timeout = timeout;
  }

  listProjects(query) { return this.#list("/projects", query); }
  createProject(body, options) { return this.#write("POST", "/projects", body, options); }
  getProject(id) { return this.#one(`/projects/${encodeURIComponent(id)}`); }
  updateProject(id, body, options) { return this.#write("PUT", `/projects/${encodeURIComponent(id)}`, body, options); }
  deleteProject(id, options) { return this.#write("DELETE", `/projects/${encodeURIComponent(id)}`, undefined, options); }

  listTasks(query) { return this.#list("/tasks", query); }
  createTask(body, options) { return this.#write("POST", "/tasks", body, options); }
  getTask(id) { return this.#one(`/tasks/${encodeURIComponent(id)}`); }
  updateTask(id, body, options) { return this.#write("PUT", `/tasks/${encodeURIComponent(id)}`, body, options); }
  deleteTask(id, options) { return this.#write("DELETE", `/tasks/${encodeURIComponent(id)}`, undefined, options); }

  /** All projects, page by page. */
  allProjects(query) { return this.#all((page) => this.listProjects(page), query); }
  /** All tasks, page by page. */
  allTasks(query) { return this.#all((page) => this.listTasks(page), query); }

  async *#all(list, query) {
    for (let offset = 0, more = true; more; ) {
      const page = await list({ ...query, offset });
      yield* page.data;
      offset += page.pagination.limit;
      more = page.pagination.has_more;
    }
  }

  /** A page: `data`, and in `pagination` where it is among all. */
  async #list(path, query = {}) {
    const { data, pagination } = await this.#call("GET", `${path}?${new URLSearchParams(query)}`);
    return { data, pagination };
  }

  async #one(path) {
    return (await this.#call("GET", path)).data;
  }

  /** The same key for each try: whatever was done is not done again. */
  async #write(method, path, body, { idempotencyKey = randomUUID() } = {}) {
    return (await this.#call(method, path, body, { "Idempotency-Key": idempotencyKey })).data;
  }

  async #call(method, path, body, headers = {}) {
    for (let tried = 0; ; tried++) {
      const response = await fetch(this.#base + path, {
        method,
        headers: {
          Authorization: `Bearer ${this.#key}`,
          ...(body !== undefined && { "Content-Type": "application/json" }),
          ...headers,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(this.#timeout * 1000),
      });
      const answer = await response.json().catch(() => ({}));
      if (response.ok) return answer;
      const error = failure(response, answer);
      const again = error.retryAfter !== undefined && error.retryAfter <= this.#longestWait;
      if (tried >= this.#retries || !again) throw error;
      await sleep(error.retryAfter * 1000);
    }
  }
}

/** Only what may come to another answer later has a `Retry-After`. */
function failure(response, answer) {
  const after = response.headers.get("retry-after");
  const retryAfter = after !== null && /^\d+$/.test(after) ? Number(after) : undefined;
  return new DocketError(response.status, answer.error, { requestId: response.headers.get("x-request-id"), retryAfter });
}
