//! Office files: XML in a ZIP archive.

mod docx;
mod docx_styles;
mod package;
mod pptx;
mod xlsx;
mod xlsx_sheet;

pub use docx::docx;
pub use pptx::pptx;
pub use xlsx::xlsx;
