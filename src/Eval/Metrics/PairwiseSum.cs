namespace Serve.Eval.Metrics;

/// <summary>
/// Sums that are added in the same order as numpy adds them, so that means of many values equal the reference to the last bit: windows of
/// 8,192 values one after another, pairwise halves inside a window down to blocks of 128, and eight running sums in a block.
/// </summary>
public static class PairwiseSum
{
    private const int WindowLength = 8192;
    private const int BlockLength = 128;
    private const int Lanes = 8;

    /// <summary>The mean; null for no values.</summary>
    public static double? Mean(ReadOnlySpan<double> values) => values.IsEmpty ? null : Sum(values) / values.Length;

    /// <summary>The sum; 0 for no values.</summary>
    public static double Sum(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        for (var from = 0; from < values.Length; from += WindowLength)
            sum += SumWindow(values.Slice(from, Math.Min(WindowLength, values.Length - from)));
        return sum;
    }

    private static double SumWindow(ReadOnlySpan<double> values)
    {
        if (values.Length > BlockLength)
        {
            var half = values.Length / 2;
            half -= half % Lanes;
            return SumWindow(values[..half]) + SumWindow(values[half..]);
        }

        var sum = 0.0;
        var at = 0;
        if (values.Length >= Lanes)
        {
            Span<double> lanes = stackalloc double[Lanes];
            values[..Lanes].CopyTo(lanes);
            for (at = Lanes; at + Lanes <= values.Length; at += Lanes)
            {
                for (var lane = 0; lane < Lanes; lane++)
                    lanes[lane] += values[at + lane];
            }
            sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
        }
        foreach (var value in values[at..])
            sum += value;
        return sum;
    }
}
