using Serve.Eval.Errors;

namespace Serve.Eval.Reports;

/// <summary>What kinds of errors are called in reports.</summary>
internal static class ErrorWords
{
    /// <summary>A kind in a few words.</summary>
    public static string Of(TideError error) => error switch
    {
        TideError.Cls => "wrong category",
        TideError.Loc => "wrong place",
        TideError.Both => "category and place",
        TideError.Dupe => "found a second time",
        TideError.Bkg => "nothing there",
        _ => "not found",
    };
}
