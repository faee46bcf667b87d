package secret

// trie holds the byte strings to look for. It has no pointers, so 100,000
// secrets cost the garbage collector nothing.
type trie struct {
	nodes []node // nodes[0] is the root
	text  []byte // the labels
	roots [256]uint32
}

// node is reached by its label. Children of one node differ in their lead.
type node struct {
	label, size uint32 // text[label:label+size]
	child, next uint32 // first child, next sibling; 0: none
	lead        byte   // first byte of the label
	end         bool   // a needle ends here
}

// cursor is a place in the trie: at bytes of the node's label are behind it.
type cursor struct{ node, at uint32 }

// insert adds needle, which is not empty.
func (t *trie) insert(needle string) {
	if len(t.nodes) == 0 {
		t.nodes = append(t.nodes, node{})
	}
	var c cursor
	for i := range len(needle) {
		next, ok := t.step(c, needle[i])
		if !ok {
			t.split(c)
			t.grow(c.node, needle[i:])
			return
		}
		c = next
	}
	t.split(c)
	t.nodes[c.node].end = true
}

// split makes c the end of its node's label.
func (t *trie) split(c cursor) {
	n := t.nodes[c.node]
	if c.at == n.size {
		return
	}
	tail := n
	tail.label, tail.size, tail.next = n.label+c.at, n.size-c.at, 0
	tail.lead = t.text[tail.label]
	n.size, n.end, n.child = c.at, false, uint32(len(t.nodes))
	t.nodes[c.node] = n
	t.nodes = append(t.nodes, tail)
}

// grow gives the node at index parent a child that ends a needle.
func (t *trie) grow(parent uint32, label string) {
	index := uint32(len(t.nodes))
	n := node{label: uint32(len(t.text)), size: uint32(len(label)), lead: label[0], end: true}
	if parent == 0 {
		t.roots[n.lead] = index
	} else {
		n.next = t.nodes[parent].child
		t.nodes[parent].child = index
	}
	t.text = append(t.text, label...)
	t.nodes = append(t.nodes, n)
}

// step goes on by one byte.
func (t *trie) step(c cursor, b byte) (cursor, bool) {
	if c.node == 0 {
		child := t.roots[b]
		return cursor{child, 1}, child != 0
	}
	n := &t.nodes[c.node]
	if c.at < n.size {
		return cursor{c.node, c.at + 1}, t.text[n.label+c.at] == b
	}
	for i := n.child; i != 0; i = t.nodes[i].next {
		if t.nodes[i].lead == b {
			return cursor{i, 1}, true
		}
	}
	return c, false
}

// ended reports whether a needle ends at c.
func (t *trie) ended(c cursor) bool {
	n := &t.nodes[c.node]
	return n.end && c.at == n.size
}

// goesOn reports whether a needle goes on after c with a byte that ok accepts.
func (t *trie) goesOn(c cursor, ok func(byte) bool) bool {
	if c.node == 0 {
		for b, child := range t.roots {
			if child != 0 && ok(byte(b)) {
				return true
			}
		}
		return false
	}
	n := &t.nodes[c.node]
	if c.at < n.size {
		return ok(t.text[n.label+c.at])
	}
	for i := n.child; i != 0; i = t.nodes[i].next {
		if ok(t.nodes[i].lead) {
			return true
		}
	}
	return false
}

// has reports whether needle was inserted.
func (t *trie) has(needle string) bool {
	var c cursor
	for i := range len(needle) {
		next, ok := t.step(c, needle[i])
		if !ok {
			return false
		}
		c = next
	}
	return len(t.nodes) > 0 && t.ended(c)
}
