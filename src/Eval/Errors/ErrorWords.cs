namespace Serve.Eval.Errors;

/// <summary>What kinds of errors are called.</summary>
internal static class ErrorWords
{
    /// <summary>A kind in a few words.</summary>
    public static string Of(TideError error) => error switch
    {
        TideError.Cls => "wrong category",
        TideError.Loc => "wrong place",
        TideError.Both => "wrong category and place",
        TideError.Dupe => "found a second time",
        TideError.Bkg => "nothing is there",
        _ => "not found",
    };
}
