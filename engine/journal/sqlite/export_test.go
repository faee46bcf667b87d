package sqlite

import (
	"context"
	"fmt"
)

// Cap lets the file have so many pages at most.
func Cap(ctx context.Context, s *Store, pages int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	return err
}
