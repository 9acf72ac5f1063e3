using System.Runtime.Intrinsics;
using Serve.Inference.Pictures;

namespace Serve.Inference.Tests.Pictures;

/// <summary>What runs where a processor lacks an instruction gives what the instruction gives.</summary>
public sealed class PixelVectorsTests
{
    [Fact]
    public void Operations_mean_the_same_on_every_processor()
    {
        var random = new Random(1);
        for (var i = 0; i < 500; i++)
        {
            var bytes = new byte[32];
            random.NextBytes(bytes);
            var (a, b) = (Vector128.Create(bytes).AsInt16(), Vector128.Create(bytes, 16).AsInt16());

            var sums = Enumerable.Range(0, 4).Select(k => unchecked(a[2 * k] * b[2 * k] + a[2 * k + 1] * b[2 * k + 1]));
            var highs = Enumerable.Range(0, 8).Select(k => (short)(a[k] * b[k] >> 16));
            var inTurn = Enumerable.Range(0, 8).SelectMany(k => (byte[])[bytes[k], bytes[16 + k]]);

            Assert.Equal(Vector128.Create([.. sums]), PixelVectors.MultiplyAddPairs(a, b));
            Assert.Equal(Vector128.Create([.. sums]), PixelVectors.MultiplyAddPairsAnywhere(a, b));
            Assert.Equal(Vector128.Create([.. highs]), PixelVectors.MultiplyHigh(a, b));
            Assert.Equal(Vector128.Create([.. highs]), PixelVectors.MultiplyHighAnywhere(a, b));
            Assert.Equal(Vector128.Create([.. inTurn]), PixelVectors.InTurnAnywhere(a.AsByte(), b.AsByte()));
            Assert.Equal(Vector256.Create([.. inTurn.Select(value => (short)value)]), PixelVectors.WidenLowerInTurn(a.AsByte(), b.AsByte()));
        }
    }
}
