package world

import (
	"slices"
	"strconv"
	"time"

	"moonpost/engine/sandbox/answer"
)

var serverJobFunctions = map[string]handler{
	"GetJobs":        getJobs,
	"GetJobResults":  getJobResults,
	"CreateJob":      createJob,
	"DeleteJob":      deleteJob,
	"RenameJob":      renameJob,
	"SetJobEnabled":  setJobEnabled,
	"SetJobSchedule": setJobSchedule,
	"RunJobAsync":    runJobAsync,
	"CancelJobAsync": cancelJobAsync,
}

// serverJob is a job that the server runs by its own schedule. It runs one
// function; here only RunJobAsync starts it.
type serverJob struct {
	id           int64
	name         string
	action       string
	owner        string
	created      time.Time
	lastStart    time.Time // zero: never
	lastComplete time.Time
	enabled      bool
	schedule     schedule
	running      *job
}

// jobResult is a finished run of a serverJob.
type jobResult struct {
	id       int64
	job      int64
	action   string
	result   string
	start    time.Time
	complete time.Time
}

func (c *Call) serverJob() (*serverJob, error) {
	if !c.Has("id") {
		return nil, NoValue() // optional in the reference, and nothing to do without it
	}
	id := c.Number("id")
	i := slices.IndexFunc(c.archive.jobs, func(j *serverJob) bool { return j.id == id })
	if i < 0 {
		return nil, problem("The job %d does not exist.", "Der Job %d ist nicht vorhanden.", id)
	}
	return c.archive.jobs[i], nil
}

func (j *serverJob) key() string { return strconv.FormatInt(j.id, 10) }

func getJobs(c *Call) (any, error) {
	list := make(answer.List, 0, len(c.archive.jobs))
	for _, j := range c.archive.jobs {
		list = append(list, answer.Obj(
			"id", j.id,
			"name", j.name,
			"action", j.action,
			"owner", j.owner,
			"creationDateTimeUtc", date(j.created.UTC()),
			"lastStartDateTimeUtc", utcOrNull(j.lastStart),
			"lastCompleteDateTimeUtc", utcOrNull(j.lastComplete),
			"nextStartDateTimeUtc", utcOrNull(j.schedule.next(time.Now())),
			"enabled", j.enabled,
			"schedule", j.schedule.object(),
		))
	}
	return list, nil
}

func utcOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return date(t.UTC())
}

func getJobResults(c *Call) (any, error) {
	zone, in, err := c.window("timeZoneId")
	if err != nil {
		return nil, err
	}
	list := answer.List{}
	for _, r := range c.archive.jobResults {
		if !in(r.start) || c.Has("jobId") && r.job != c.Number("jobId") {
			continue
		}
		list = append(list, answer.Obj(
			"jobResultId", r.id,
			"jobId", r.job,
			"action", r.action,
			"startTime", date(r.start.In(zone)),
			"completeTime", date(r.complete.In(zone)),
			"result", r.result,
		))
	}
	return list, nil
}

// createJob answers the new id; the real result is not known.
func createJob(c *Call) (any, error) {
	for _, arg := range []string{"name", "action", "owner", "timeZoneId"} {
		if c.Text(arg) == "" {
			return nil, Missing(arg) // optional in the reference only
		}
	}
	plan, err := c.schedule()
	if err != nil {
		return nil, err
	}
	if action := c.functions[c.Text("action")]; action == nil {
		return nil, NoFunction(c.Text("action"))
	}
	j := &serverJob{
		id: c.archive.nextID("job"), name: c.Text("name"), action: c.Text("action"), owner: c.Text("owner"),
		created: time.Now(), enabled: true, schedule: plan,
	}
	c.archive.jobs = append(c.archive.jobs, j)
	c.Effect(j.name)
	return j.id, nil
}

// changeJob runs f on the job that id names and counts it as the effect.
func changeJob(f func(c *Call, j *serverJob) error) handler {
	return func(c *Call) (any, error) {
		j, err := c.serverJob()
		if err != nil {
			return nil, err
		}
		if err := f(c, j); err != nil {
			return nil, err
		}
		c.Effect(j.key())
		return nil, nil
	}
}

var deleteJob = changeJob(func(c *Call, j *serverJob) error {
	c.archive.jobs = slices.DeleteFunc(c.archive.jobs, func(x *serverJob) bool { return x == j })
	return nil
})

var renameJob = changeJob(func(c *Call, j *serverJob) error {
	if c.Text("name") == "" {
		return emptyName()
	}
	j.name = c.Text("name")
	return nil
})

var setJobEnabled = changeJob(func(c *Call, j *serverJob) error {
	if !c.Has("enabled") {
		return NoValue()
	}
	j.enabled = c.Flag("enabled")
	return nil
})

var setJobSchedule = changeJob(func(c *Call, j *serverJob) error {
	plan, err := c.schedule()
	if err == nil {
		j.schedule = plan
	}
	return err
})

// runJobAsync starts a job without a token; the outcome is in GetJobResults.
var runJobAsync = changeJob(func(c *Call, j *serverJob) error {
	if j.running != nil {
		return problem("The job '%s' is running already.", "Der Job '%s' wird bereits ausgeführt.", j.name)
	}
	if !c.makeRoom() {
		return tooMany()
	}
	a := c.archive
	j.lastStart = time.Now()
	j.running = c.begin(j.action, &Work{
		Stages: []Stage{{Takes: 15 * time.Second, Percent: 50}, {Takes: 15 * time.Second, Percent: 100}},
		Ended: func(code string) {
			j.running, j.lastComplete = nil, time.Now()
			a.jobResults = append(a.jobResults, jobResult{
				id: a.nextID("jobResult"), job: j.id, action: j.action, result: code,
				start: j.lastStart, complete: j.lastComplete,
			})
		},
	})
	return nil
})

var cancelJobAsync = changeJob(func(c *Call, j *serverJob) error {
	if j.running == nil {
		return problem("The job '%s' is not running.", "Der Job '%s' wird nicht ausgeführt.", j.name)
	}
	c.cancel(j.running)
	return nil
})
