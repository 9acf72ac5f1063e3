using System.Globalization;
using System.Text;

namespace Serve.Cli.Bench;

/// <summary>Where a request's time went in the server, in milliseconds, as its answer tells.</summary>
internal readonly record struct StageMeans(double Decode, double Queue, double Preprocess, double Infer, double Postprocess, double Total)
{
    public static StageMeans operator +(StageMeans left, StageMeans right) => new(
        left.Decode + right.Decode, left.Queue + right.Queue, left.Preprocess + right.Preprocess, left.Infer + right.Infer,
        left.Postprocess + right.Postprocess, left.Total + right.Total);

    public static StageMeans operator /(StageMeans sum, double count) => new(
        sum.Decode / count, sum.Queue / count, sum.Preprocess / count, sum.Infer / count, sum.Postprocess / count, sum.Total / count);

    /// <summary>Reads the object <c>timings</c> of an answer of <c>POST /v1/detect</c>, which stands at its end.</summary>
    /// <param name="body">The answer.</param>
    /// <returns>Null where there is none: another server's answer.</returns>
    public static StageMeans? Read(ReadOnlySpan<byte> body)
    {
        var at = body.LastIndexOf("\"timings\""u8);
        if (at < 0)
            return null;
        var timings = body[at..];
        return Field(timings, "\"decode\""u8) is { } decode && Field(timings, "\"queue\""u8) is { } queue && Field(timings, "\"preprocess\""u8) is { } preprocess
            && Field(timings, "\"infer\""u8) is { } infer && Field(timings, "\"postprocess\""u8) is { } postprocess && Field(timings, "\"total\""u8) is { } total
            ? new StageMeans(decode, queue, preprocess, infer, postprocess, total)
            : null;
    }

    private static double? Field(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        var at = json.IndexOf(name);
        if (at < 0)
            return null;
        var value = json[(at + name.Length)..].TrimStart(": "u8);
        var end = value.IndexOfAny(",}"u8);
        return end > 0 && double.TryParse(Encoding.ASCII.GetString(value[..end]), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
