package secret

// trie holds the byte strings to look for. It has no pointers, so 100,000
// secrets cost the garbage collector nothing, and one hash table for the edges
// of all nodes, so a step costs the same however many needles begin alike.
type trie struct {
	nodes []node   // nodes[0] is the root
	text  []byte   // the labels
	edges []uint32 // hash table of the nodes but the root, by parent and lead; 0: free
	shift int      // of the hash, so that it indexes edges
}

// node is reached by its label. Children of one node differ in their lead.
type node struct {
	label, size uint32 // text[label:label+size]
	parent      uint32
	lead        byte // first byte of the label
	end         bool // a needle ends here
}

// cursor is a place in the trie: at bytes of the node's label are behind it.
type cursor struct{ node, at uint32 }

// insert adds needle, which is not empty.
func (t *trie) insert(needle string) {
	if len(t.nodes) == 0 {
		t.nodes = append(t.nodes, node{})
		t.resize(10)
	}
	var c cursor
	for i := range len(needle) {
		next, ok := t.step(c, needle[i])
		if !ok {
			parent := t.split(c)
			label := needle[i:]
			t.add(node{label: uint32(len(t.text)), size: uint32(len(label)), parent: parent, lead: label[0], end: true})
			t.text = append(t.text, label...)
			return
		}
		c = next
	}
	t.nodes[t.split(c)].end = true
}

// split makes c the end of a label and returns its node. The rest of the label
// stays with the old node, whose children need not move.
func (t *trie) split(c cursor) uint32 {
	old := t.nodes[c.node]
	if c.at == old.size {
		return c.node
	}
	index := uint32(len(t.nodes))
	*t.slot(old.parent, old.lead) = index // instead of the old node
	t.nodes = append(t.nodes, node{label: old.label, size: c.at, parent: old.parent, lead: old.lead})

	old.label, old.size, old.parent = old.label+c.at, old.size-c.at, index
	old.lead = t.text[old.label]
	t.nodes[c.node] = old
	*t.slot(old.parent, old.lead) = c.node
	t.room()
	return index
}

// add adds a node that its parent has no child like.
func (t *trie) add(n node) {
	*t.slot(n.parent, n.lead) = uint32(len(t.nodes))
	t.nodes = append(t.nodes, n)
	t.room()
}

// slot returns the place in edges that has, or is for, parent's child with that
// lead.
func (t *trie) slot(parent uint32, lead byte) *uint32 {
	hash := (uint64(parent)<<8 | uint64(lead)) * 0x9E3779B97F4A7C15
	for i := int(hash >> t.shift); ; i = (i + 1) & (len(t.edges) - 1) {
		edge := &t.edges[i]
		if n := *edge; n == 0 || t.nodes[n].parent == parent && t.nodes[n].lead == lead {
			return edge
		}
	}
}

// room keeps half of edges free.
func (t *trie) room() {
	if 2*len(t.nodes) > len(t.edges) {
		t.resize(64 - t.shift + 1)
	}
}

func (t *trie) resize(bits int) {
	t.edges, t.shift = make([]uint32, 1<<bits), 64-bits
	for i, n := range t.nodes[1:] {
		*t.slot(n.parent, n.lead) = uint32(i + 1)
	}
}

// step goes on by one byte.
func (t *trie) step(c cursor, b byte) (cursor, bool) {
	if n := &t.nodes[c.node]; c.at < n.size {
		return cursor{c.node, c.at + 1}, t.text[n.label+c.at] == b
	}
	child := *t.slot(c.node, b)
	return cursor{child, 1}, child != 0
}

// ended reports whether a needle ends at c.
func (t *trie) ended(c cursor) bool {
	n := &t.nodes[c.node]
	return n.end && c.at == n.size
}

// goesOn reports whether a needle goes on after c with a byte that ok accepts.
func (t *trie) goesOn(c cursor, ok func(byte) bool) bool {
	if n := &t.nodes[c.node]; c.at < n.size {
		return ok(t.text[n.label+c.at])
	}
	for b := range 256 {
		if ok(byte(b)) && *t.slot(c.node, byte(b)) != 0 {
			return true
		}
	}
	return false
}

// has reports whether needle was inserted.
func (t *trie) has(needle string) bool {
	if len(t.nodes) == 0 {
		return false
	}
	var c cursor
	for i := range len(needle) {
		next, ok := t.step(c, needle[i])
		if !ok {
			return false
		}
		c = next
	}
	return t.ended(c)
}
