namespace Serve.Eval.Json;

/// <summary>What a document may go on with.</summary>
internal enum DocumentPlace : byte
{
    /// <summary>The root value.</summary>
    Start,

    /// <summary>The root object's first name, or its end.</summary>
    RootFirst,

    /// <summary>A name of the root object, after a comma.</summary>
    RootName,

    /// <summary>A comma in the root object, or its end.</summary>
    RootNext,

    /// <summary>The rest of a value of the root object that nobody needs.</summary>
    Skipped,

    /// <summary>A list's first record, or its end.</summary>
    ListFirst,

    /// <summary>A record of a list.</summary>
    Record,

    /// <summary>A comma in a list, or its end.</summary>
    ListNext,

    /// <summary>Nothing but white space.</summary>
    End,
}

/// <summary>How far a document is read: all that is needed to go on from there.</summary>
internal struct DocumentState
{
    /// <summary>What comes next.</summary>
    public DocumentPlace Place;

    /// <summary>Which list it is in, where it is in one.</summary>
    public int List;

    /// <summary>Place in the document of the next byte.</summary>
    public long Offset;

    /// <summary>How far a value is skipped.</summary>
    public JsonSkipper Skipper;

    /// <summary>Whether both stand before the same record of the same list.</summary>
    public readonly bool IsSameRecord(in DocumentState other)
        => Place is DocumentPlace.Record && other.Place is DocumentPlace.Record && List == other.List && Offset == other.Offset;
}
