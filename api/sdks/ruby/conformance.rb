# frozen_string_literal: true

# What a client of the generic API must be able to do, told to a server that has a limit: BASE_URL, API_KEY.
require "docket"

BASE_URL = ENV.fetch("BASE_URL")
API_KEY = ENV.fetch("API_KEY")
docket = Docket.new(BASE_URL, API_KEY)

def expect(wanted, got)
  raise "#{got.inspect} instead of #{wanted.inspect}" unless wanted == got
end

def refused(status, code, details)
  yield
rescue Docket::Error => error
  expect([status, code, details], [error.status, error.code, error.details])
  expect(36, error.request_id.size)
  error
else
  raise "it was let through"
end

project = docket.create_project(name: "Website")
id = project["id"]
expect(project, docket.get_project(id))
renamed = docket.update_project(id, name: "Shop")
expect("Shop", renamed["name"])

login = { title: "Login", project_id: id, priority: "high", idempotency_key: SecureRandom.uuid }
task = docket.create_task(**login)
expect(task["id"], docket.create_task(**login)["id"])
done = docket.update_task(task["id"], status: "completed")
expect(%w[completed Login high], done.values_at("status", "title", "priority"))
expect(done, docket.get_task(task["id"]))

["Basket", "Näher & weiter"].each { |title| docket.create_task(title: title, project_id: id) }
page = docket.list_tasks(project_id: id, limit: 2)
expect(2, page["data"].size)
expect({ "total" => 3, "limit" => 2, "offset" => 0, "has_more" => true }, page["pagination"])
titles = docket.all_tasks(project_id: id, limit: 2).map { |one| one["title"] }
expect(["Basket", "Login", "Näher & weiter"], titles.sort)
expect(true, docket.all_projects.any? { |one| one["id"] == id })
expect(1, docket.list_projects(limit: 1)["data"].size)

refused(400, "VALIDATION_ERROR", { "field" => "title" }) { docket.create_task(project_id: id) }
refused(400, "VALIDATION_ERROR", { "field" => "status" }) { docket.list_tasks(status: "nonsense") }
refused(401, "UNAUTHORIZED", nil) { Docket.new(BASE_URL, "gk_nobody").list_tasks }
expect({ "id" => task["id"], "deleted" => true }, docket.delete_task(task["id"]))
refused(404, "NOT_FOUND", nil) { docket.get_task(task["id"]) }

# Who doesn't wait is refused; who does, is not.
impatient = Docket.new(BASE_URL, API_KEY, retries: 0)
too_many = refused(429, "RATE_LIMITED", nil) { 1000.times { impatient.get_project(id) } }
expect(true, too_many.retry_after >= 1)
expect(renamed, docket.get_project(id))

expect({ "id" => id, "deleted" => true }, docket.delete_project(id))
refused(404, "NOT_FOUND", nil) { docket.get_project("../tasks") }
puts "ruby: all is well"
