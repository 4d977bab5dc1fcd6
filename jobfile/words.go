package jobfile

import "fmt"

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
func (w *Words) UnmarshalYAML(decode func(any) error) error {
	var one string
	if err := decode(&one); err == nil {
		*w = Words{one}
		return nil
	}
	var list []string
	if err := decode(&list); err != nil {
		return fmt.Errorf("neither a word nor a list of words")
	}
	*w = list
	return nil
}
