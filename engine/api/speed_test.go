//go:build unix

package api

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"moonpost/engine/call"
	"moonpost/engine/secret"
)

func startChild(b *testing.B) (url, fingerprint string) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childServer+"=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	url, fingerprint, _ = strings.Cut(strings.TrimSpace(line), " ")
	return url, fingerprint
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure runs one call after another on some tasks and reports the process's
// CPU time per call.
func measure(b *testing.B, tasks int, one func() error) {
	var warm sync.WaitGroup
	for range tasks {
		warm.Go(func() { _ = one() })
	}
	warm.Wait()
	b.ReportAllocs()
	b.ResetTimer()
	start := cpuTime()
	var all sync.WaitGroup
	for i := range tasks {
		n := b.N / tasks
		if i < b.N%tasks {
			n++
		}
		all.Go(func() {
			for range n {
				if err := one(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64((cpuTime()-start).Microseconds())/float64(b.N), "cpu-us/op")
}

// BenchmarkCall compares a call with a bare net/http client that does the same:
// form, login, POST, envelope into a struct.
func BenchmarkCall(b *testing.B) {
	address, print := startChild(b)
	for _, tasks := range []int{1, 32} {
		b.Run(fmt.Sprintf("client/%d", tasks), func(b *testing.B) {
			c, err := New(Config{URL: address, User: testUser, Password: secret.New(testPassword), Fingerprint: print})
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			req := call.Request{Fn: "GetUserInfo", Args: []call.Arg{{Name: "userName", Value: "ada"}}}
			measure(b, tasks, func() error {
				_, err := c.Call(context.Background(), req, nil)
				return err
			})
		})
		b.Run(fmt.Sprintf("bare/%d", tasks), func(b *testing.B) {
			client := &http.Client{Transport: &http.Transport{
				TLSClientConfig:     &tls.Config{InsecureSkipVerify: true},
				MaxIdleConnsPerHost: tasks,
			}}
			defer client.CloseIdleConnections()
			measure(b, tasks, func() error { return bare(client, address) })
		})
	}
}

func bare(client *http.Client, address string) error {
	req, err := http.NewRequest(http.MethodPost, address+"/api/invoke/GetUserInfo", strings.NewReader("userName=ada"))
	if err != nil {
		return err
	}
	req.SetBasicAuth(testUser, testPassword)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	var e struct {
		Error         *struct{ Message, Details string }
		Token         *string
		StatusVersion int
		StatusCode    string
		Result        json.RawMessage
		LogOutput     *string
	}
	return json.Unmarshal(body[len(bom):], &e)
}
