// Package docket is a client of Docket's generic API: a method for each of its operations.
package docket

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Error is what the API refused, or what it couldn't do. RetryAfter is 0 if trying again would not help.
type Error struct {
	Status     int
	Code       string         `json:"code"`
	Message    string         `json:"message"`
	Details    map[string]any `json:"details"`
	RequestID  string
	RetryAfter time.Duration
}

func (e *Error) Error() string {
	return fmt.Sprintf("HTTP %d %s: %s", e.Status, e.Code, e.Message)
}

// Values are the members of a body, or the parameters of a list.
type Values map[string]any

// Project is a project.
type Project struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Description *string    `json:"description"`
	CreatedAt   *time.Time `json:"created_at"`
	UpdatedAt   *time.Time `json:"updated_at"`
}

// Task is a task.
type Task struct {
	ID          string     `json:"id"`
	Title       string     `json:"title"`
	Description *string    `json:"description"`
	Status      string     `json:"status"`
	Priority    string     `json:"priority"`
	ProjectID   string     `json:"project_id"`
	AssigneeIDs []string   `json:"assignee_ids"`
	LabelIDs    []string   `json:"label_ids"`
	DueDate     *string    `json:"due_date"`
	CreatedAt   *time.Time `json:"created_at"`
	UpdatedAt   *time.Time `json:"updated_at"`
}

// Deleted is what is no longer there.
type Deleted struct {
	ID      string `json:"id"`
	Deleted bool   `json:"deleted"`
}

// Pagination says where a page is among all.
type Pagination struct {
	Total   int  `json:"total"`
	Limit   int  `json:"limit"`
	Offset  int  `json:"offset"`
	HasMore bool `json:"has_more"`
}

// Page is a part of a list.
type Page[T any] struct {
	Data       []T        `json:"data"`
	Pagination Pagination `json:"pagination"`
}

// Client is the API at BaseURL, with its mount: `https://docket.example.com/generic`.
type Client struct {
	BaseURL string
	APIKey  string
	// Retries says how often to try again, and LongestWait how long to wait at most before it.
	Retries     int
	LongestWait time.Duration
	HTTP        *http.Client
}

// New is a client that tries again three times, after a minute at most.
func New(baseURL, apiKey string) *Client {
	return &Client{baseURL, apiKey, 3, time.Minute, &http.Client{Timeout: 30 * time.Second}}
}

type idempotencyKey struct{}

// WithIdempotencyKey has a write done once, however often it is sent with this key; without, each has a key of its own.
func WithIdempotencyKey(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, idempotencyKey{}, key)
}

func (c *Client) ListProjects(ctx context.Context, query Values) (*Page[Project], error) {
	return list[Project](ctx, c, "/projects", query)
}

func (c *Client) CreateProject(ctx context.Context, body Values) (*Project, error) {
	return one[Project](ctx, c, "POST", "/projects", body)
}

func (c *Client) GetProject(ctx context.Context, id string) (*Project, error) {
	return one[Project](ctx, c, "GET", "/projects/"+url.PathEscape(id), nil)
}

func (c *Client) UpdateProject(ctx context.Context, id string, body Values) (*Project, error) {
	return one[Project](ctx, c, "PUT", "/projects/"+url.PathEscape(id), body)
}

func (c *Client) DeleteProject(ctx context.Context, id string) (*Deleted, error) {
	return one[Deleted](ctx, c, "DELETE", "/projects/"+url.PathEscape(id), nil)
}

func (c *Client) ListTasks(ctx context.Context, query Values) (*Page[Task], error) {
	return list[Task](ctx, c, "/tasks", query)
}

func (c *Client) CreateTask(ctx context.Context, body Values) (*Task, error) {
	return one[Task](ctx, c, "POST", "/tasks", body)
}

func (c *Client) GetTask(ctx context.Context, id string) (*Task, error) {
	return one[Task](ctx, c, "GET", "/tasks/"+url.PathEscape(id), nil)
}

func (c *Client) UpdateTask(ctx context.Context, id string, body Values) (*Task, error) {
	return one[Task](ctx, c, "PUT", "/tasks/"+url.PathEscape(id), body)
}

func (c *Client) DeleteTask(ctx context.Context, id string) (*Deleted, error) {
	return one[Deleted](ctx, c, "DELETE", "/tasks/"+url.PathEscape(id), nil)
}

// All gathers a list page by page: All(ctx, client.ListTasks, query).
func All[T any](ctx context.Context, list func(context.Context, Values) (*Page[T], error), query Values) ([]T, error) {
	asked := Values{}
	for name, value := range query {
		asked[name] = value
	}
	var all []T
	for offset, more := 0, true; more; {
		asked["offset"] = offset
		page, err := list(ctx, asked)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Data...)
		offset, more = offset+page.Pagination.Limit, page.Pagination.HasMore
	}
	return all, nil
}

func list[T any](ctx context.Context, c *Client, path string, query Values) (*Page[T], error) {
	asked := url.Values{}
	for name, value := range query {
		asked.Set(name, fmt.Sprint(value))
	}
	page := new(Page[T])
	return page, c.call(ctx, "GET", path+"?"+asked.Encode(), nil, page)
}

func one[T any](ctx context.Context, c *Client, method, path string, body Values) (*T, error) {
	var answer struct {
		Data T `json:"data"`
	}
	err := c.call(ctx, method, path, body, &answer)
	return &answer.Data, err
}

func (c *Client) call(ctx context.Context, method, path string, body Values, into any) error {
	var sent []byte
	if body != nil {
		var err error
		if sent, err = json.Marshal(body); err != nil {
			return err
		}
	}
	// The same key for each try: whatever was done is not done again.
	key, given := ctx.Value(idempotencyKey{}).(string)
	if !given {
		key = drawn()
	}
	for tried := 0; ; tried++ {
		err := c.send(ctx, method, path, key, sent, into)
		refused, isRefused := err.(*Error)
		if !isRefused || tried >= c.Retries || refused.RetryAfter == 0 || refused.RetryAfter > c.LongestWait {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(refused.RetryAfter):
		}
	}
}

func (c *Client) send(ctx context.Context, method, path, key string, body []byte, into any) error {
	address := strings.TrimRight(c.BaseURL, "/") + "/v1" + path
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.APIKey)
	if method != "GET" {
		request.Header.Set("Idempotency-Key", key)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.HTTP.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode < 300 {
		return json.Unmarshal(text, into)
	}
	return failure(response, text)
}

// Only what may come to another answer later has a Retry-After.
func failure(response *http.Response, text []byte) *Error {
	var answer struct {
		Error Error `json:"error"`
	}
	// Not every proxy on the way speaks JSON: then only the status is known.
	_ = json.Unmarshal(text, &answer)
	refused := answer.Error
	refused.Status, refused.RequestID = response.StatusCode, response.Header.Get("X-Request-Id")
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
		refused.RetryAfter = time.Duration(seconds) * time.Second
	}
	return &refused
}

func drawn() string {
	var bytes [16]byte
	if _, err := rand.Read(bytes[:]); err != nil {
		panic(err)
	}
	return fmt.Sprintf("%x", bytes)
}
