// What a client of the generic API must be able to do, told to a server that has a limit: BASE_URL, API_KEY.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"sort"

	"docket"
)

var ctx = context.Background()

func expect(wanted, got any) {
	if !reflect.DeepEqual(wanted, got) {
		panic(fmt.Sprintf("%#v instead of %#v", got, wanted))
	}
}

func must[T any](value *T, err error) *T {
	if err != nil {
		panic(err)
	}
	return value
}

func refused(status int, code string, details map[string]any, err error) *docket.Error {
	var failure *docket.Error
	if !errors.As(err, &failure) {
		panic(fmt.Sprintf("it was not refused: %v", err))
	}
	expect([]any{status, code, details}, []any{failure.Status, failure.Code, failure.Details})
	expect(36, len(failure.RequestID))
	return failure
}

func main() {
	baseURL, apiKey := os.Getenv("BASE_URL"), os.Getenv("API_KEY")
	client := docket.New(baseURL, apiKey)

	project := must(client.CreateProject(ctx, docket.Values{"name": "Website"}))
	expect(project, must(client.GetProject(ctx, project.ID)))
	renamed := must(client.UpdateProject(ctx, project.ID, docket.Values{"name": "Shop"}))
	expect("Shop", renamed.Name)

	once := docket.WithIdempotencyKey(ctx, "login-"+project.ID)
	login := docket.Values{"title": "Login", "project_id": project.ID, "priority": "high"}
	task := must(client.CreateTask(once, login))
	expect(task.ID, must(client.CreateTask(once, login)).ID)
	done := must(client.UpdateTask(ctx, task.ID, docket.Values{"status": "completed"}))
	expect([]string{"completed", "Login", "high"}, []string{done.Status, done.Title, done.Priority})
	expect(done, must(client.GetTask(ctx, task.ID)))

	for _, title := range []string{"Basket", "Näher & weiter"} {
		must(client.CreateTask(ctx, docket.Values{"title": title, "project_id": project.ID}))
	}
	ofProject := docket.Values{"project_id": project.ID, "limit": 2}
	page := must(client.ListTasks(ctx, ofProject))
	expect(2, len(page.Data))
	expect(docket.Pagination{Total: 3, Limit: 2, HasMore: true}, page.Pagination)
	tasks, err := docket.All(ctx, client.ListTasks, ofProject)
	must(&tasks, err)
	titles := []string{}
	for _, one := range tasks {
		titles = append(titles, one.Title)
	}
	sort.Strings(titles)
	expect([]string{"Basket", "Login", "Näher & weiter"}, titles)
	projects, err := docket.All(ctx, client.ListProjects, nil)
	must(&projects, err)
	found := false
	for _, one := range projects {
		found = found || one.ID == project.ID
	}
	expect(true, found)
	expect(1, len(must(client.ListProjects(ctx, docket.Values{"limit": 1})).Data))

	_, err = client.CreateTask(ctx, docket.Values{"project_id": project.ID})
	refused(400, "VALIDATION_ERROR", map[string]any{"field": "title"}, err)
	_, err = client.ListTasks(ctx, docket.Values{"status": "nonsense"})
	refused(400, "VALIDATION_ERROR", map[string]any{"field": "status"}, err)
	_, err = docket.New(baseURL, "gk_nobody").ListTasks(ctx, nil)
	refused(401, "UNAUTHORIZED", nil, err)
	expect(&docket.Deleted{ID: task.ID, Deleted: true}, must(client.DeleteTask(ctx, task.ID)))
	_, err = client.GetTask(ctx, task.ID)
	refused(404, "NOT_FOUND", nil, err)

	// Who doesn't wait is refused; who does, is not.
	impatient := docket.New(baseURL, apiKey)
	impatient.Retries = 0
	for sent := 0; sent < 1000; sent++ {
		if _, err = impatient.GetProject(ctx, project.ID); err != nil {
			break
		}
	}
	expect(true, refused(429, "RATE_LIMITED", nil, err).RetryAfter.Seconds() >= 1)
	expect(renamed, must(client.GetProject(ctx, project.ID)))

	expect(&docket.Deleted{ID: project.ID, Deleted: true}, must(client.DeleteProject(ctx, project.ID)))
	_, err = client.GetProject(ctx, "../tasks")
	refused(404, "NOT_FOUND", nil, err)
	fmt.Println("go: all is well")
}
