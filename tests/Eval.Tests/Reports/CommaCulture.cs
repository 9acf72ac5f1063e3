using System.Globalization;

namespace Serve.Eval.Tests.Reports;

/// <summary>A machine on which a half is written 0,5 and a thousand 1.000, and minus is not a hyphen.</summary>
internal static class CommaCulture
{
    /// <summary>Makes a text there.</summary>
    public static string Run(Func<string> text)
    {
        var (before, comma) = (CultureInfo.CurrentCulture, (CultureInfo)CultureInfo.InvariantCulture.Clone());
        (comma.NumberFormat.NumberDecimalSeparator, comma.NumberFormat.NumberGroupSeparator, comma.NumberFormat.NegativeSign) = (",", ".", "\u2212");
        CultureInfo.CurrentCulture = comma;
        try
        {
            return text();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
