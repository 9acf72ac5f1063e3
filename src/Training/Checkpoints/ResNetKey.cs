using System.Globalization;
using System.Text.RegularExpressions;

namespace Serve.Training.Checkpoints;

/// <summary>A key of a residual network, taken apart.</summary>
/// <param name="Stage">1 to 4; 0 for the stem.</param>
/// <param name="Block">Block of the stage, from 0.</param>
/// <param name="Convolution">Convolution of the block, from 1; 0 for the shortcut's.</param>
/// <param name="IsNorm">Whether it is of the normalisation behind the convolution.</param>
/// <param name="Field"><c>weight</c>, <c>bias</c>, <c>running_mean</c> or <c>running_var</c>.</param>
internal sealed partial record ResNetKey(int Stage, int Block, int Convolution, bool IsNorm, string Field)
{
    /// <summary>Takes a key of our own apart, which is torchvision's; null where it is of another network.</summary>
    public static ResNetKey? Parse(string key)
    {
        if (Stem().Match(key) is { Success: true } stem)
            return new(0, 0, 1, stem.Groups["kind"].Value == "bn", stem.Groups["field"].Value);
        if (InBlock().Match(key) is not { Success: true } block)
            return null;
        var isShortcut = block.Groups["kind"].Value == "downsample.";
        var number = Number("number");
        return new(Number("stage"), Number("block"), isShortcut ? 0 : number, isShortcut ? number == 1 : block.Groups["kind"].Value == "bn", block.Groups["field"].Value);

        int Number(string group) => int.Parse(block.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^(?<kind>conv|bn)1\.(?<field>\w+)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Stem();

    [GeneratedRegex(@"^layer(?<stage>[1-4])\.(?<block>\d+)\.(?<kind>conv|bn|downsample\.)(?<number>\d)\.(?<field>\w+)$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex InBlock();
}
