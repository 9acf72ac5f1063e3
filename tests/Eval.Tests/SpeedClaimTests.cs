using System.Globalization;
using System.Text.RegularExpressions;

namespace Serve.Eval.Tests;

/// <summary>What the first page of the repository says of speed and memory is what was measured.</summary>
public partial class SpeedClaimTests
{
    [Fact]
    public void The_ratios_of_the_readme_are_those_of_the_measured_page()
    {
        var claim = Claim().Match(Spaces().Replace(File.ReadAllText(Path.Combine(TestFiles.Root, "README.md")), " "));
        var page = File.ReadAllLines(Path.Combine(TestFiles.Root, "bench", "results", "evaluation.md"));

        Assert.True(claim.Success, "README.md does not say what boxes, masks and keypoints take of the time and memory of pycocotools.");
        string[] claimed = [.. claim.Groups.Values.Skip(1).Select(group => group.Value)];
        string[] measured = [.. ((string[])["boxes", "masks", "keypoints"]).SelectMany(kind => Measured(page, kind))];
        Assert.Equal(claimed, measured.Zip(claimed, (number, like) => Rounded(number, like)));
    }

    // Of the table of a kind: serve's time and its memory, by those of pycocotools.
    private static string[] Measured(string[] page, string kind)
    {
        var row = page.SkipWhile(line => !line.StartsWith($"| {kind} |", StringComparison.Ordinal)).First(line => line.StartsWith("| pycocotools", StringComparison.Ordinal));
        return [.. row.Split('|', StringSplitOptions.TrimEntries)[5..7]];
    }

    private static string Rounded(string number, string like)
    {
        var decimals = like.Length - like.IndexOf('.', StringComparison.Ordinal) - 1;
        return decimal.Round(decimal.Parse(number, CultureInfo.InvariantCulture), decimals, MidpointRounding.AwayFromZero).ToString($"F{decimals}", CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"boxes take (0\.\d+) of the time of pycocotools and (0\.\d+) of its memory, masks (0\.\d+) and (0\.\d+), keypoints (0\.\d+) and (0\.\d+)")]
    private static partial Regex Claim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
