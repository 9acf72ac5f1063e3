using System.Text;
using CsCheck;
using Serve.Eval;
using Serve.Inference.Onnx;
using Serve.Inference.Tests.Models;

namespace Serve.Inference.Tests.Onnx;

public sealed class BrokenOnnxFileTests
{
    [Theory]
    [InlineData("", "the file is empty (0 bytes)")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4\n", "this is a Git LFS pointer")]
    [InlineData("PK\u0003\u0004 and so on", "this is a ZIP archive")]
    [InlineData("\u0080\u0002\u008A\nl\u00FC\u009CF", "this is a pickle")]
    [InlineData("\u0080\u0004\u0095", "this is a pickle")]
    [InlineData("<!DOCTYPE html><html>404</html>", "this is a web page")]
    [InlineData("hello, world", "byte")]
    [InlineData("\0\0\0\0\0\0\0\0", "byte 0 begins no field")]
    [InlineData("\u0008\u0008", "it has no graph")]
    public void What_is_no_model_is_refused_with_its_cause(string content, string cause)
    {
        using var folder = TestFiles.NewFolder();
        var path = folder.File("model.onnx");
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(content));

        var refused = Assert.Throws<InvalidInputException>(() => OnnxFile.Describe(path));

        Assert.StartsWith(path + ": ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(cause, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_and_a_folder_are_refused()
    {
        using var folder = TestFiles.NewFolder();

        var absent = Assert.Throws<InvalidInputException>(() => OnnxFile.Describe(folder.File("model.onnx")));
        var directory = Assert.Throws<InvalidInputException>(() => OnnxFile.Describe(folder.Path));

        Assert.EndsWith("there is no such file.", absent.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", directory.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_file_is_told_to_be_truncated()
    {
        using var folder = TestFiles.NewFolder();
        var path = Small(folder);
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^40]);

        var refused = Assert.Throws<InvalidInputException>(() => OnnxFile.Describe(path));

        Assert.Contains("truncated", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Graphs_nested_without_end_and_lengths_that_lie_cost_neither_stack_nor_memory()
    {
        using var folder = TestFiles.NewFolder();
        var path = folder.File("model.onnx");

        // graph = node = attribute = graph = ...: each level is a field around the one before it.
        byte[] nested = [];
        for (var level = 0; level < 3000; level++)
            nested = [.. Field(level % 3 == 2 ? 1 : level % 3 == 1 ? 5 : 6, nested)];
        File.WriteAllBytes(path, Field(7, nested));
        var deep = Assert.Throws<InvalidInputException>(() => OnnxFile.Describe(path));

        // Metadata whose text claims 2^60 bytes, and one that claims a gigabyte.
        File.WriteAllBytes(path, [0x72, 0x0B, 0x0A, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10, 0x41]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidInputException>(() => OnnxFile.Describe(path));
        File.WriteAllBytes(path, [0x0A + 8, 0x80, 0x80, 0x80, 0x80, 0x04, 0x41]);
        Assert.Throws<InvalidInputException>(() => OnnxFile.Describe(path));

        Assert.Contains("inside 32 others", deep.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Damaged_files_are_read_or_refused_and_never_anything_else()
    {
        using var folder = TestFiles.NewFolder();
        var original = File.ReadAllBytes(Small(folder));

        Gen.Select(Gen.Int[0, original.Length], Gen.Select(Gen.Int[0, original.Length - 1], Gen.Byte).Array[0, 8]).Sample(
            (length, flips) =>
            {
                var bytes = original.AsSpan(0, length).ToArray();
                foreach (var (at, value) in flips.Where(flip => flip.Item1 < length))
                    bytes[at] = value;
                return Survives(folder, bytes);
            },
            iter: 2000, threads: 1);
    }

    [Fact]
    public void A_damaged_real_file_is_read_or_refused_and_never_anything_else()
    {
        var original = File.ReadAllBytes(TestFiles.Shared("models/yolox-nano-decoded/model.onnx"));
        using var folder = TestFiles.NewFolder();
        File.Copy(TestFiles.Shared("models/yolox-nano-decoded/yolox_nano.onnx.data"), folder.File("yolox_nano.onnx.data"));

        Gen.Select(Gen.Int[0, original.Length], Gen.Select(Gen.Int[0, original.Length - 1], Gen.Byte).Array[1, 64]).Sample(
            (length, flips) =>
            {
                var bytes = original.AsSpan(0, length).ToArray();
                foreach (var (at, value) in flips.Where(flip => flip.Item1 < length))
                    bytes[at] = value;
                return Survives(folder, bytes);
            },
            iter: 100, threads: 1);
    }

    private static bool Survives(TemporaryFolder folder, byte[] bytes)
    {
        var path = folder.File("damaged.onnx");
        File.WriteAllBytes(path, bytes);
        try
        {
            return OnnxFile.Describe(path).Operators.Count >= 0;
        }
        catch (InvalidInputException e)
        {
            return e.Message.StartsWith(path, StringComparison.Ordinal);
        }
    }

    private static string Small(TemporaryFolder folder)
    {
        File.WriteAllBytes(folder.File("weights.data"), new byte[64]);
        new OnnxWriter()
            .Input("images", OnnxWriter.Element.Float, "batch", 3, 32, 32)
            .Output("boxes", OnnxWriter.Element.Float, "batch", 5)
            .External("w", [4], ("location", "weights.data"), ("offset", "16"), ("length", "16"))
            .Floats("v", [4], 1, 2, 3, 4)
            .Node("Mul", ["images", "w"], "boxes", ("axes", new long[] { 1, 2 }))
            .Metadata("names", "{0: 'cat'}")
            .Save(folder.File("model.onnx"));
        return folder.File("model.onnx");
    }

    private static byte[] Field(int number, byte[] value)
    {
        var bytes = new List<byte> { (byte)(number << 3 | 2) };
        var length = (uint)value.Length;
        for (; length >= 0x80; length >>= 7)
            bytes.Add((byte)(length | 0x80));
        return [.. bytes, (byte)length, .. value];
    }
}
