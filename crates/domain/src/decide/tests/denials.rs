use crate::testing::given;
use crate::{Command, Denial, NounKind, NounRef, Realm};

#[test]
fn a_denial_is_recorded_as_the_outcome() {
    let denial = Denial::InsufficientScope {
        required: vec!["update:roles".to_owned()],
    };
    let role = NounRef {
        realm: Realm::Auth0,
        kind: NounKind::Role,
        id: "r".to_owned(),
    };
    for target in [None, Some(role)] {
        given([])
            .when(Command::RecordDenial {
                operation: "UpdateRole".to_owned(),
                target,
                denial: denial.clone(),
                count: 3,
            })
            .then_denied(denial.clone());
    }
}
