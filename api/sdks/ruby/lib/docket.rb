# frozen_string_literal: true

require "erb"
require "json"
require "net/http"
require "securerandom"
require "uri"

# A client of Docket's generic API: a method for each of its operations.
class Docket
  # What the API refused, or what it couldn't do.
  class Error < StandardError
    attr_reader :status, :code, :details, :request_id, :retry_after

    def initialize(status, error, request_id, retry_after)
      super(error["message"] || "HTTP #{status}")
      @status = status
      @code = error["code"]
      @details = error["details"]
      @request_id = request_id
      @retry_after = retry_after
    end
  end

  KINDS = { "GET" => Net::HTTP::Get, "POST" => Net::HTTP::Post,
            "PUT" => Net::HTTP::Put, "DELETE" => Net::HTTP::Delete }.freeze
  private_constant :KINDS

  # The API at a base URL with its mount, `https://docket.example.com/generic`; times are seconds.
  def initialize(base_url, api_key, retries: 3, longest_wait: 60, timeout: 30)
    @base = "#{base_url.sub(%r{/+\z}, "")}/v1"
    @key = api_key
    @retries = retries
    @longest_wait = longest_wait
    @timeout = timeout
  end

  def list_projects(**query) = list("/projects", query)
  def create_project(idempotency_key: nil, **body) = write("POST", "/projects", body, idempotency_key)
  def get_project(id) = call("GET", "/projects/#{quoted(id)}")["data"]
  def update_project(id, idempotency_key: nil, **body) = write("PUT", "/projects/#{quoted(id)}", body, idempotency_key)
  def delete_project(id, idempotency_key: nil) = write("DELETE", "/projects/#{quoted(id)}", nil, idempotency_key)

  def list_tasks(**query) = list("/tasks", query)
  def create_task(idempotency_key: nil, **body) = write("POST", "/tasks", body, idempotency_key)
  def get_task(id) = call("GET", "/tasks/#{quoted(id)}")["data"]
  def update_task(id, idempotency_key: nil, **body) = write("PUT", "/tasks/#{quoted(id)}", body, idempotency_key)
  def delete_task(id, idempotency_key: nil) = write("DELETE", "/tasks/#{quoted(id)}", nil, idempotency_key)

  # All projects, page by page.
  def all_projects(**query) = all(query) { |page| list_projects(**page) }

  # All tasks, page by page.
  def all_tasks(**query) = all(query) { |page| list_tasks(**page) }

  private

  def quoted(id) = ERB::Util.url_encode(id)

  def all(query)
    Enumerator.new do |items|
      offset = 0
      loop do
        page = yield(**query, offset: offset)
        page["data"].each { |item| items << item }
        break unless page["pagination"]["has_more"]

        offset += page["pagination"]["limit"]
      end
    end
  end

  # A page: `data`, and in `pagination` where it is among all.
  def list(path, query)
    call("GET", "#{path}?#{URI.encode_www_form(query)}").slice("data", "pagination")
  end

  # The same key for each try: whatever was done is not done again.
  def write(method, path, body, idempotency_key)
    call(method, path, body, "Idempotency-Key" => idempotency_key || SecureRandom.uuid)["data"]
  end

  def call(method, path, body = nil, headers = {})
    tried = 0
    loop do
      response = send_once(method, URI(@base + path), body, headers)
      return JSON.parse(response.body) if response.is_a?(Net::HTTPSuccess)

      error = failure(response)
      again = error.retry_after && error.retry_after <= @longest_wait
      raise error if tried == @retries || !again

      sleep error.retry_after
      tried += 1
    end
  end

  def send_once(method, uri, body, headers)
    request = KINDS.fetch(method).new(uri, headers)
    request["Authorization"] = "Bearer #{@key}"
    if body
      request["Content-Type"] = "application/json"
      request.body = JSON.generate(body)
    end
    times = { open_timeout: @timeout, read_timeout: @timeout }
    Net::HTTP.start(uri.hostname, uri.port, use_ssl: uri.scheme == "https", **times) { |http| http.request(request) }
  end

  # Only what may come to another answer later has a `Retry-After`.
  def failure(response)
    error = begin
      JSON.parse(response.body.to_s).fetch("error", {})
    rescue JSON::ParserError
      {}
    end
    after = response["Retry-After"]
    retry_after = after.to_i if after&.match?(/\A\d+\z/)
    Error.new(response.code.to_i, error, response["X-Request-Id"], retry_after)
  end
end
