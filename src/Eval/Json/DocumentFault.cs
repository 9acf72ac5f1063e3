using System.Globalization;

namespace Serve.Eval.Json;

/// <summary>What is wrong with a document. Where that is gets counted only when it is told.</summary>
internal abstract record DocumentFault;

/// <summary>The document is JSON, but not of the kind that is wanted.</summary>
/// <param name="Text">The fault: a sentence.</param>
internal sealed record ContentFault(string Text) : DocumentFault;

/// <summary>A record is at fault.</summary>
/// <param name="List">The list it is in.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Before">Records of the list before it in the same part of the document.</param>
/// <param name="Id">Its id, where known.</param>
/// <param name="Text">The fault: a sentence without its subject.</param>
internal sealed record RecordFault(int List, string Kind, long Before, long? Id, string Text) : DocumentFault
{
    /// <summary>The fault with its subject.</summary>
    /// <param name="before">Records of the list in former parts.</param>
    public string Describe(long before)
        => string.Create(CultureInfo.InvariantCulture, $"{Kind} #{before + Before + 1}{(Id is null ? "" : $" (id {Id})")}: {Text}.");
}

/// <summary>The document is not JSON.</summary>
/// <param name="Offset">Place in the document.</param>
/// <param name="Reason">The fault: a sentence.</param>
internal sealed record SyntaxFault(long Offset, string Reason) : DocumentFault
{
    /// <summary>The fault with its place.</summary>
    /// <param name="line">Line, from one.</param>
    /// <param name="column">Byte in the line, from one.</param>
    public string Describe(long line, long column) => string.Create(CultureInfo.InvariantCulture, $"not valid JSON at line {line}, byte {column}: {Reason}");
}
