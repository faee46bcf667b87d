package api

import (
	"context"
	"sync"
	"sync/atomic"
)

// flight asks for a value once, whoever asks at the same time, and keeps what
// it got for good. An error is shared by those who waited for it and not kept.
// Who stops waiting gets the cause of its context.
type flight[T any] struct {
	value atomic.Pointer[T]

	mu  sync.Mutex
	now *attempt[T] // nil when nobody asks
}

type attempt[T any] struct {
	done chan struct{}
	err  error
	left bool // the one who asked went away before the answer
}

func (f *flight[T]) do(ctx context.Context, ask func(context.Context) (*T, error)) (*T, error) {
	for {
		if v := f.value.Load(); v != nil {
			return v, nil
		}
		f.mu.Lock()
		now := f.now
		if now == nil {
			now = &attempt[T]{done: make(chan struct{})}
			f.now = now
			f.mu.Unlock()
			return f.lead(ctx, now, ask)
		}
		f.mu.Unlock()
		select {
		case <-now.done:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if now.err != nil && !now.left {
			return nil, now.err
		}
	}
}

func (f *flight[T]) lead(ctx context.Context, now *attempt[T], ask func(context.Context) (*T, error)) (*T, error) {
	v, err := ask(ctx)
	if err == nil {
		f.value.Store(v)
	}
	now.err, now.left = err, ctx.Err() != nil
	f.mu.Lock()
	f.now = nil
	f.mu.Unlock()
	close(now.done)
	return v, err
}
