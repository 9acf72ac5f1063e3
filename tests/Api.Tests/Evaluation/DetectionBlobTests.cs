using CsCheck;
using Serve.Api.Evaluation.Storage;
using Serve.Eval.Datasets;

namespace Serve.Api.Tests.Evaluation;

public class DetectionBlobTests
{
    [Fact]
    public void Unpack_gives_back_what_Pack_took_to_the_last_bit()
    {
        var numbers = Gen.OneOf(Gen.Double, Gen.OneOfConst(0.0, -0.0, double.Epsilon, 0.1 + 0.2));
        var row = Gen.Select(Gen.Long, Gen.Long, numbers, numbers, numbers, numbers, numbers);

        row.Array[0, 20].Sample(rows =>
        {
            var table = new DetectionTable();
            foreach (var (image, category, x, y, w, h, score) in rows)
                table.Add(image, category, x, y, w, h, score);

            var back = new DetectionTable();
            DetectionBlob.Unpack(DetectionBlob.Pack(table), back);

            return back.ImageIds.SequenceEqual(table.ImageIds) && back.CategoryIds.SequenceEqual(table.CategoryIds)
                && Bits(back.X).SequenceEqual(Bits(table.X)) && Bits(back.Y).SequenceEqual(Bits(table.Y))
                && Bits(back.Width).SequenceEqual(Bits(table.Width)) && Bits(back.Height).SequenceEqual(Bits(table.Height))
                && Bits(back.Scores).SequenceEqual(Bits(table.Scores));
        });
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 1, 2, 3, 4, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0x53, 0x44, 0x54, 0x31, 1, 0, 0, 0 })]
    [InlineData(new byte[] { 0x53, 0x44, 0x54, 0x31, 255, 255, 255, 255 })]
    public void Unpack_refuses_other_bytes(byte[] blob)
        => Assert.Throws<InvalidDataException>(() => DetectionBlob.Unpack(blob, new DetectionTable()));

    private static long[] Bits(ReadOnlySpan<double> values) => System.Runtime.InteropServices.MemoryMarshal.Cast<double, long>(values).ToArray();
}
