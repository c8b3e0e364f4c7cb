//! Graders: they judge outputs against a rubric.
//!
//! ```
//! use lucid_sdk::grader::{
//!     Criterion, Evaluation, GradeError, Grader, Request, RubricMistake, rubric_items,
//! };
//! use std::path::Path;
//!
//! /// Every item of the rubric names a file, which has to be there.
//! pub struct Files;
//!
//! impl Grader for Files {
//!     fn check_rubric(rubric: &str) -> Result<(), RubricMistake> {
//!         match rubric_items(rubric).is_empty() {
//!             true => Err(RubricMistake { line: 1, message: "a rubric is a list".into() }),
//!             false => Ok(()),
//!         }
//!     }
//!
//!     fn grade(request: &Request) -> Result<Evaluation, GradeError> {
//!         let outputs = Path::new(&request.outputs_path);
//!         let criteria = rubric_items(&request.rubric).into_iter().map(|item| {
//!             match outputs.join(&item.text).is_file() {
//!                 true => Criterion::met(&item, "it is there").resting_on([&item.text]),
//!                 false => Criterion::unmet(&item, "it is missing"),
//!             }
//!         });
//!         Ok(Evaluation::of(criteria.collect()))
//!     }
//! }
//!
//! lucid_sdk::export_grader!(Files);
//!
//! # fn main() {
//! use lucid_sdk::grader::Judgement;
//!
//! let evaluation = lucid_sdk::testing::grade::<Files>("- report.md\n", "/nowhere").unwrap();
//! assert_eq!(evaluation.judgement, Judgement::NeedsRevision);
//! let explanation = "0 of 1 criteria are met.\nLine 1, “report.md”: it is missing.";
//! assert_eq!(evaluation.explanation, explanation);
//! # }
//! ```

mod evaluation;
mod panel;
mod rubric;

pub use crate::bindings::grader::exports::lucid::plugin::grading::{
    Criterion, Evaluation, GradeError, Judgement, Quote, Request, RubricMistake, Verdict,
};
pub use panel::{Member, Panel, ask_member, panel};
pub use rubric::{RubricItem, rubric_items};

/// A grader.
///
/// ```
/// use lucid_sdk::grader::{Evaluation, GradeError, Grader, Request, RubricMistake};
///
/// pub struct Never;
///
/// impl Grader for Never {
///     fn check_rubric(_rubric: &str) -> Result<(), RubricMistake> {
///         Ok(())
///     }
///
///     fn grade(_request: &Request) -> Result<Evaluation, GradeError> {
///         Err(GradeError::Failed("this grader never judges".to_owned()))
///     }
/// }
/// ```
pub trait Grader {
    /// Checks that a rubric can be used, without any outputs.
    ///
    /// # Errors
    /// The first mistake, with its line.
    fn check_rubric(rubric: &str) -> Result<(), RubricMistake>;

    /// Judges the outputs in the folder `request.outputs_path`.
    ///
    /// # Errors
    /// A [`GradeError`] when nothing could be judged.
    fn grade(request: &Request) -> Result<Evaluation, GradeError>;
}

/// Exports a plugin of kind `grader`: a type that implements
/// [`Grader`](crate::grader::Grader).
///
/// ```
/// # use lucid_sdk::grader::{Evaluation, GradeError, Grader, Request, RubricMistake};
/// pub struct Never;
///
/// impl Grader for Never {
/// #   fn check_rubric(_rubric: &str) -> Result<(), RubricMistake> {
/// #       Ok(())
/// #   }
/// #
///     // …
/// #   fn grade(_request: &Request) -> Result<Evaluation, GradeError> {
/// #       Err(GradeError::Failed("this grader never judges".to_owned()))
/// #   }
/// }
///
/// lucid_sdk::export_grader!(Never);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! export_grader {
    ($grader:ty) => {
        const _: () = {
            struct Plugin;
            impl $crate::bindings::grader::exports::lucid::plugin::grading::Guest for Plugin {
                fn check_rubric(
                    rubric: ::std::string::String,
                ) -> ::std::result::Result<(), $crate::grader::RubricMistake> {
                    <$grader as $crate::grader::Grader>::check_rubric(&rubric)
                }
                fn grade(
                    request: $crate::grader::Request,
                ) -> ::std::result::Result<$crate::grader::Evaluation, $crate::grader::GradeError>
                {
                    <$grader as $crate::grader::Grader>::grade(&request)
                }
            }
            $crate::generated! {
                $crate::bindings::grader::export_grader!(
                    Plugin with_types_in $crate::bindings::grader
                );
            }
        };
    };
}
