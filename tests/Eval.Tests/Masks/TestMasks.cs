using Serve.Eval.Masks;

namespace Serve.Eval.Tests.Masks;

/// <summary>Masks that tests write down.</summary>
internal static class TestMasks
{
    /// <summary>Runs outside and inside by turns, down each column.</summary>
    public static RunLengths Of(uint[] counts, int height, int width)
    {
        var mask = new RunLengths();
        Assert.True(mask.TrySet(counts, height, width));
        return mask;
    }
}
