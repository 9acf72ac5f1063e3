using System.Text;
using CsCheck;
using Serve.Eval.Masks;

namespace Serve.Eval.Tests.Masks;

public class RunTextTests
{
    private static readonly Gen<uint[]> Counts = Gen.OneOf(Gen.UInt[0, 3], Gen.UInt[0, 40], Gen.UInt[0, 1000], Gen.UInt[0, 100_000], Gen.UInt[0, 3_000_000]).Array[0, 200];

    [Fact]
    public void Text_reads_back_as_the_counts_it_was_written_from()
        => Counts.Sample(counts => Read(Write(counts))!.SequenceEqual(counts), iter: 1000);

    [Fact]
    public void Reading_by_words_agrees_with_reading_by_vectors()
        => Gen.OneOf(Counts.Select(Write), Gen.Byte[48, 111].Array[0, 120], Counts.Select(counts => Write(counts)[..^Math.Min(counts.Length, 1)])).Sample(text =>
        {
            Span<uint> ends = new uint[RunText.RoomFor(text)];
            Span<uint> words = new uint[RunText.RoomFor(text)];
            var count = RunText.Read(text, ends, int.MaxValue);
            return count == RunText.ReadWords(text, words, int.MaxValue) && (count < 0 || ends[..count].SequenceEqual(words[..count]));
        }, iter: 2000);

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(uint.MaxValue)]
    public void The_largest_masks_are_read(uint pixels)
    {
        Span<uint> ends = new uint[32];
        uint[] counts = [pixels - 7, 3, 0, 4];
        var text = Write(counts);

        Assert.Equal(4, RunText.Read(text, ends, pixels));
        Assert.Equal([pixels - 7, pixels - 4, pixels - 4, pixels], ends[..4].ToArray());
        Assert.Equal(-1, RunText.Read(text, ends, pixels - 1));
    }

    [Theory]
    [InlineData("", new uint[] { })]
    [InlineData("0", new uint[] { 0 })]
    [InlineData("\\]4", new uint[] { 4524 })]
    [InlineData("0520NK20", new uint[] { 0, 5, 2, 5, 0, 0, 2, 0 })]
    public void Known_texts_are_read(string text, uint[] counts) => Assert.Equal(counts, Read(Encoding.ASCII.GetBytes(text)));

    [Theory]
    [InlineData("0 1")]
    [InlineData("0p")]
    [InlineData("0/")]
    [InlineData("012345678901234567890123456789012345678901234567/")]
    [InlineData("0\u00e9")]
    [InlineData("P")]
    [InlineData("11P")]
    [InlineData("111111111111111111111111111111111111111111111111111111P")]
    [InlineData("PPPPPPPPPPPP1")]
    [InlineData("O")]
    [InlineData("111@")]
    [InlineData("11111111@11111111111111111111111111111111111111111111")]
    [InlineData("1111111111111111111111111111111111111111111111111@@@@")]
    public void What_is_no_text_form_is_refused(string text) => Assert.Null(Read(Encoding.Latin1.GetBytes(text)));

    [Fact]
    public void More_pixels_than_there_are_is_refused_wherever_they_are()
        => Gen.Select(Gen.UInt[0, 5].Array[1, 100], Gen.Int[0, 99]).Sample((counts, at) =>
        {
            counts[at % counts.Length] += 1_000_000;
            return !new RunLengths().TryRead(Write(counts), 1000, 1000) == (counts.Sum(count => count) > 1_000_000);
        }, iter: 1000);

    private static byte[] Write(uint[] counts)
    {
        var text = new byte[RunText.LongestText(counts.Length)];
        return text[..RunText.Write(counts, text)];
    }

    private static uint[]? Read(byte[] text)
    {
        var mask = new RunLengths();
        return mask.TryRead(text, 40_000, 50_000) ? mask.ToCounts() : null;
    }
}
