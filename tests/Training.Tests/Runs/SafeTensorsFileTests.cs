using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Serve.Eval;
using static TorchSharp.torch;

namespace Serve.Training.Runs;

public sealed class SafeTensorsFileTests
{
    [Fact]
    public void Tensors_of_every_type_and_shape_read_back_equal()
    {
        using var scope = NewDisposeScope();
        using var folder = TestFiles.NewFolder();
        var tensors = new Dictionary<string, Tensor>
        {
            ["float"] = randn(3, 4, 5),
            ["transposed"] = randn(3, 4).t(),
            ["double"] = randn([2, 2], float64),
            ["half"] = randn(3).to(float16),
            ["brain"] = randn(3).to(bfloat16),
            ["long"] = arange(5, int64),
            ["bytes"] = arange(7, uint8),
            ["flags"] = tensor(new[] { true, false, true }),
            ["scalar"] = tensor(2.5f),
            ["empty"] = zeros(0, 4),
        };

        SafeTensorsFile.Write(folder.File("a.safetensors"), tensors, new Dictionary<string, string> { ["step"] = "12", ["note"] = "ä \"quoted\"" });
        var file = SafeTensorsFile.Open(folder.File("a.safetensors"));

        Assert.Equal(tensors.Keys.Order(), file.Entries.Keys.Order());
        Assert.Equal("12", file.Metadata["step"]);
        Assert.Equal("ä \"quoted\"", file.Metadata["note"]);
        foreach (var (name, expected) in tensors)
        {
            var read = file.Read(name);
            Assert.Equal(expected.dtype, read.dtype);
            Assert.Equal(expected.shape, read.shape);
            Assert.True((expected == read).all().item<bool>(), name);
        }
    }

    [Fact]
    public void Layout_is_that_of_the_format()
    {
        using var scope = NewDisposeScope();
        using var folder = TestFiles.NewFolder();

        SafeTensorsFile.Write(folder.File("a"), new Dictionary<string, Tensor> { ["w"] = tensor(new[] { 1f, -2f }) }, new Dictionary<string, string> { ["k"] = "v" });

        var bytes = File.ReadAllBytes(folder.File("a"));
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.Equal("""{"__metadata__":{"k":"v"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", Encoding.UTF8.GetString(bytes, 8, length).TrimEnd());
        Assert.Equal(0, length % 8);
        Assert.Equal(8 + length + 8, bytes.Length);
        Assert.Equal(-2f, BitConverter.ToSingle(bytes, 8 + length + 4));
        Assert.False(File.Exists(folder.File("a.partial")));
    }

    [Fact]
    public void Tensors_that_do_not_fit_are_listed()
    {
        using var scope = NewDisposeScope();
        using var folder = TestFiles.NewFolder();
        SafeTensorsFile.Write(folder.File("a"), new Dictionary<string, Tensor> { ["m.one"] = zeros(2), ["m.two"] = zeros(3) }, new Dictionary<string, string>());
        var file = SafeTensorsFile.Open(folder.File("a"));

        var fault = Assert.Throws<InvalidInputException>(() => file.CopyInto("m.", new Dictionary<string, Tensor> { ["one"] = zeros(2, 2), ["three"] = zeros(1) }));

        Assert.Equal(
            $"{folder.File("a")}: does not fit: m.three is missing; m.two is not part of the model; m.one is Float32 [2], expected Float32 [2, 2].", fault.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(20)]
    [InlineData(-1)]
    public void Cut_file_is_refused(int bytes)
    {
        using var scope = NewDisposeScope();
        using var folder = TestFiles.NewFolder();
        SafeTensorsFile.Write(folder.File("a"), new Dictionary<string, Tensor> { ["w"] = zeros(4) }, new Dictionary<string, string>());
        var whole = File.ReadAllBytes(folder.File("a"));
        File.WriteAllBytes(folder.File("b"), whole[..(bytes < 0 ? whole.Length + bytes : bytes)]);

        var fault = Assert.Throws<InvalidInputException>(() => SafeTensorsFile.Open(folder.File("b")));

        Assert.StartsWith($"{folder.File("b")}: not a safetensors file, or damaged: ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_header_is_refused_and_nothing_else_happens()
    {
        using var scope = NewDisposeScope();
        using var folder = TestFiles.NewFolder();
        var path = folder.File("a");
        SafeTensorsFile.Write(path, new Dictionary<string, Tensor> { ["w"] = zeros(4, 2), ["v"] = ones(3, int64) }, new Dictionary<string, string> { ["k"] = "v" });
        var whole = File.ReadAllBytes(path);
        var refused = 0;

        Gen.Select(Gen.Int[0, 150], Gen.Byte).Sample((position, value) =>
        {
            var damaged = whole.ToArray();
            damaged[position] = value;
            File.WriteAllBytes(path, damaged);
            try
            {
                SafeTensorsFile.Open(path);
            }
            catch (InvalidInputException)
            {
                Interlocked.Increment(ref refused);
            }
        }, iter: 2000, threads: 1);

        Assert.True(refused > 500, $"Only {refused} of 2000 damaged files were refused.");
    }

    [Fact]
    public void Missing_file_is_refused()
        => Assert.Equal("nowhere.safetensors: there is no such file.", Assert.Throws<InvalidInputException>(() => SafeTensorsFile.Open("nowhere.safetensors")).Message);
}
