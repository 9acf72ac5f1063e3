namespace Serve.Eval.Checks;

/// <summary>A kind of fault that a dataset can have.</summary>
/// <param name="Code">Short name, which stays the same in all versions: <c>duplicate-annotation-id</c>.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Title">What it is, and what it does to an evaluation.</param>
public sealed record FaultKind(string Code, Severity Severity, string Title);

/// <summary>Where a record stands.</summary>
/// <param name="File">Path of the file, below the dataset's folder.</param>
/// <param name="Record">The record in the file (<c>annotation #3 (id 7)</c>, <c>line 2</c>); empty where the whole file is meant.</param>
public readonly record struct RecordPlace(string File, string Record);

/// <summary>One fault of a dataset.</summary>
/// <param name="Kind">What kind it is.</param>
/// <param name="Place">Where it is.</param>
/// <param name="Field">Name of the field; empty where the whole record is meant.</param>
/// <param name="Text">What is wrong and what is allowed: a sentence whose subject is the field or the record, without its full stop.</param>
public readonly record struct Fault(FaultKind Kind, RecordPlace Place, string Field, string Text)
{
    /// <summary>Record, field and fault as one sentence without its full stop, not naming the file.</summary>
    public string Sentence
    {
        get
        {
            var said = Field.Length == 0 ? Text : $"\"{Field}\" {Text}";
            return Place.Record.Length == 0 ? said : $"{Place.Record}: {said}";
        }
    }
}
