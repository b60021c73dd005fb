//! The expression language against recorded answers of the reference.

#[test]
fn every_expression_means_what_it_means_to_the_reference() {
    let lookup = |name: &str| {
        let text = match name {
            "a" => "A",
            "b" => "B",
            "c" => "C",
            "abc_" => "Z",
            "empty" => "",
            "ref" => "<$a>",
            "loop" => "$loop",
            "loop1" => "$loop2",
            "loop2" => "$loop1",
            _ => return None,
        };
        Some(text.to_string())
    };
    let mut lines = include_str!("expressions.txt").lines().filter(|l| !l.starts_with('#'));
    let mut wrong = Vec::new();
    let mut count = 0;
    while let (Some(expression), Some(want)) = (lines.next(), lines.next()) {
        let got = match config::expand_with(expression, true, &lookup) {
            Ok(value) => format!("= {}", value.split_whitespace().collect::<Vec<_>>().join(" ")),
            Err(why) => format!("! {why}"),
        };
        if got.trim_end() != want {
            wrong.push(format!("{expression}\n  want {want}\n  got  {got}"));
        }
        count += 1;
    }
    assert!(count > 90, "only {count} expressions");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
