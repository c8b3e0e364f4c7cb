//! Graders: they judge outputs against a rubric.

pub use crate::bindings::grader::exports::lucid::plugin::grading::{
    Criterion, Evaluation, GradeError, Judgement, Request, RubricMistake, Verdict,
};

/// A grader.
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
