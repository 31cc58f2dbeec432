//! A long text in the person's own editor: `$VISUAL`, else `$EDITOR`. It has the terminal meanwhile; the screen goes on
//! listening to the engine and draws nothing. A text is one line here, so the lines that come back are put together.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use tempfile::NamedTempFile;
use tokio::process::Command;

/// The command that edits a file; the shell reads it, as in git.
pub fn command(var: impl Fn(&str) -> Option<String>) -> Option<String> {
    ["VISUAL", "EDITOR"].into_iter().find_map(|name| var(name).filter(|value| !value.trim().is_empty()))
}

/// Has a text edited. The error says why it stays as it was.
pub async fn edit(command: String, text: String) -> Result<String, String> {
    let file = draft(&text).map_err(|e| format!("the text can't be written for the editor: {e}"))?;
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("{command} \"$@\"")).arg("tminus").arg(file.path());
    let ended = shell.status().await.map_err(|e| format!("`{command}` could not be started: {e}"))?;
    if !ended.success() {
        return Err(format!("`{command}` ended with {ended}: the text is as it was"));
    }
    let edited = fs::read_to_string(file.path()).map_err(|e| format!("{}: {e}", file.path().display()))?;
    let lines = edited.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(lines.collect::<Vec<_>>().join(" "))
}

/// The file that is edited, for its owner alone; gone when this is. Where the runtime directory is, it is on no disk.
fn draft(text: &str) -> io::Result<NamedTempFile> {
    let dir = std::env::var_os("XDG_RUNTIME_DIR").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    let dir = dir.filter(|dir| dir.is_dir()).unwrap_or_else(std::env::temp_dir);
    let mut file = tempfile::Builder::new().prefix("tminus-").suffix(".txt").tempfile_in(dir)?;
    writeln!(file, "{text}")?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_editor_is_the_one_that_the_person_named() {
        let command = |visual: &str, editor: &str| {
            let var = |name: &str| Some(if name == "VISUAL" { visual } else { editor }.to_owned());
            command(var).unwrap_or_default()
        };
        assert_eq!(command("vim", "nano"), "vim");
        assert_eq!(command(" ", "nano -w"), "nano -w");
        assert_eq!(command("", ""), "");
    }

    #[tokio::test]
    async fn a_text_comes_back_in_one_line_and_its_file_is_gone() {
        let kept = tempfile::NamedTempFile::new().unwrap();
        let note = kept.path().display();
        let editor = format!("f() {{ echo \"$1\" > {note}; printf 'two\\n\\n three \\n' >> \"$1\"; }}; f");
        assert_eq!(edit(editor, "one".into()).await.unwrap(), "one two three");
        let draft = fs::read_to_string(kept.path()).unwrap();
        assert!(draft.contains("tminus-") && !PathBuf::from(draft.trim()).exists(), "{draft}");
        assert!(edit("false".into(), "one".into()).await.unwrap_err().contains("the text is as it was"));
        assert!(edit("/no/such".into(), "one".into()).await.unwrap_err().contains("127"));
    }
}
