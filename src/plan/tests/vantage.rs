//! What our own side must reach.

use crate::core::ids::ProbeId;
use crate::core::outline::Pane;
use crate::core::time::Span;
use crate::plan::{Choices, load};

const REST: &str = "[[probe]]\nid='gateway'\ntcp='h:1'\n[[probe]]\nid='cpu'\ncommand={run='echo 1'}\n\
    [[phase]]\nid='d'\nstep=[{id='s'}]\n";

fn plan(vantage: &str) -> String {
    format!("[plan]\nname='x'\nenvironment='t'\n{vantage}\n[roles]\no={{name='O'}}\n{REST}")
}

#[test]
fn a_vantage_is_a_probe_of_its_own_or_names_of_probes() {
    let own = load(&plan("vantage={tcp='gw:443',every='3s'}"), "p", &Choices::default()).unwrap();
    assert_eq!(own.outline.vantage, [ProbeId::from("vantage")]);
    let probe = own.outline.probe(&"vantage".into()).unwrap();
    assert_eq!((probe.every, probe.pane, probe.kind.as_str()), (Span::secs(3), Pane::Health, "tcp"));
    assert!(own.probes.contains_key("vantage"), "it is asked as any other");
    for named in ["vantage='gateway'", "vantage=['gateway']"] {
        let plan = load(&plan(named), "p", &Choices::default()).unwrap();
        assert_eq!(plan.outline.vantage, [ProbeId::from("gateway")], "{named}");
    }
    let bare = load(&plan(""), "p", &Choices::default()).unwrap();
    assert_eq!(bare.outline.vantage, []);
}

#[test]
fn what_is_wrong_with_a_vantage_is_said() {
    for (vantage, said) in [
        ("vantage='gatway'", "there is no probe `gatway`"),
        ("vantage=['gateway', 3]", "it names nothing to be reached"),
        ("vantage=[]", "it names nothing to be reached"),
        ("vantage=7", "it names nothing to be reached"),
        ("vantage='cpu'", "`cpu` measures no health"),
        ("vantage={every='5s'}", "a probe has exactly one kind"),
        ("vantage={tcp='h:1',http={url='http://h'}}", "a probe has exactly one kind"),
        ("vantage={id='x',tcpp='h:1'}", "`tcpp`"),
    ] {
        let text = plan(vantage);
        let refused = load(&text, "p", &Choices::default()).unwrap_err().to_string();
        assert!(refused.contains(said), "{vantage}: {refused}");
    }
}

#[test]
fn a_vantage_that_is_asked_seldom_is_remarked() {
    let check = |vantage: &str| {
        let text = plan(vantage);
        let (_, found) = crate::plan::check(&text, &Choices::default());
        found.into_iter().map(|p| p.message).filter(|m| m.contains("counts only after that")).collect::<Vec<_>>()
    };
    let said = check("vantage={tcp='h:1',every='1m'}");
    assert_eq!(said, ["`vantage` is asked every 1m, and a failure of `gateway` counts only after that"]);
    assert!(check("vantage={tcp='h:1'}").is_empty());
}
