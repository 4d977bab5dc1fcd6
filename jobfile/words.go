package jobfile

import "github.com/goccy/go-yaml/ast"

// Words is a value of one word, or a list of them, which documents write as "x" or [x, y].
type Words []string

// MarshalYAML writes one word as itself.
func (w Words) MarshalYAML() (any, error) {
	if len(w) == 1 {
		return w[0], nil
	}
	return []string(w), nil
}

// UnmarshalYAML reads either form.
func (w *Words) UnmarshalYAML(from ast.Node) error {
	var n Node
	if err := n.UnmarshalYAML(from); err != nil {
		return err
	}
	switch n.Kind {
	case NodeEmpty:
		*w = nil
		return nil
	case NodeWord:
		*w = Words{n.Word}
		return nil
	case NodeMapping:
		return n.Wrong("", "neither a word nor a list of words")
	}
	list := make(Words, 0, len(n.Items))
	for i := range n.Items {
		if n.Items[i].Kind != NodeWord {
			return n.Items[i].Wrong("", "neither a word nor a list of words")
		}
		list = append(list, n.Items[i].Word)
	}
	*w = list
	return nil
}
