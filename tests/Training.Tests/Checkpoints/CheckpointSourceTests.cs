using Serve.Eval;
using Serve.Training.Runs;
using static TorchSharp.torch;

namespace Serve.Training.Checkpoints;

public sealed class CheckpointSourceTests
{
    [Fact]
    public void Tensors_of_a_state_dictionary_are_read_with_their_types_and_shapes()
    {
        using var folder = TestFiles.NewFolder();
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>
        {
            ["conv.weight"] = rand(4, 3, 2, 2),
            ["norm.mean"] = rand(4, dtype: float64),
            ["half"] = rand(5).to(float16),
            ["brain"] = rand(5).to(bfloat16),
            ["norm.num_batches_tracked"] = tensor(17L),
            ["empty"] = zeros(0, 3),
        };
        TorchFile.Write(folder.File("weights.pth"), tensors);

        using var source = CheckpointSource.Open(folder.File("weights.pth"));

        Assert.Equal(tensors.Keys.Order(), source.Entries.Keys.Order());
        foreach (var (name, expected) in tensors)
        {
            var read = source.Read(name);
            Assert.Equal((expected.dtype, source.Entries[name].Type), (read.dtype, read.dtype));
            Assert.Equal(expected.shape, read.shape);
            Assert.True(expected.Equals(read), name);
        }
    }

    [Fact]
    public void View_of_a_storage_is_read_where_it_lies_and_in_its_order()
    {
        using var folder = TestFiles.NewFolder();
        using var scope = NewDisposeScope();
        var storage = arange(20, dtype: float32);
        new TorchFile().Begin().Bytes((byte)'}', (byte)'(').Text("turned").View(storage, 4, [3, 4], [1, 3]).Bytes((byte)'u').Save(folder.File("weights.pt"));

        using var source = CheckpointSource.Open(folder.File("weights.pt"));

        Assert.True(arange(4, 16, dtype: float32).view(4, 3).t().Equals(source.Read("turned")));
    }

    [Fact]
    public void Network_is_found_beside_other_things_of_a_training()
    {
        using var folder = TestFiles.NewFolder();
        using var scope = NewDisposeScope();
        new TorchFile().Begin().Bytes((byte)'}', (byte)'(').Text("epoch").Whole(90).Text("best").Bytes((byte)'G', 0x3f, 0xe0, 0, 0, 0, 0, 0, 0)
            .Text("state_dict").State(new Dictionary<string, Tensor> { ["w"] = ones(2) }).Bytes((byte)'u').Save(folder.File("checkpoint.pth.tar"));

        using var source = CheckpointSource.Open(folder.File("checkpoint.pth.tar"));

        Assert.Equal(["w"], source.Entries.Keys);
    }

    [Fact]
    public void Parameter_is_read_as_its_tensor()
    {
        using var folder = TestFiles.NewFolder();
        using var scope = NewDisposeScope();
        new TorchFile().Begin().Bytes((byte)'}', (byte)'(').Text("w").Name("torch._utils", "_rebuild_parameter").Bytes((byte)'(').View(ones(2), 0, [2], [1])
            .Bytes(0x88).Name("collections", "OrderedDict").Bytes((byte)')', (byte)'R', (byte)'t', (byte)'R', (byte)'u').Save(folder.File("w.pt"));

        using var source = CheckpointSource.Open(folder.File("w.pt"));

        Assert.True(ones(2).Equals(source.Read("w")));
    }

    [Theory]
    [InlineData("argparse", "Namespace")]
    [InlineData("os", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("torch", "load")]
    [InlineData("torch._utils", "_rebuild_tensor_v3")]
    public void Name_of_anything_but_tensors_is_refused_by_name(string module, string name)
    {
        using var folder = TestFiles.NewFolder();
        new TorchFile().Begin().Name(module, name).Bytes((byte)'(').Text("touch here").Bytes((byte)'t', (byte)'R').Save(folder.File("bad.pt"));

        var fault = Assert.Throws<InvalidInputException>(() => CheckpointSource.Open(folder.File("bad.pt")));

        Assert.Contains($"bad.pt: not a state dictionary of PyTorch that can be read: {module}.{name}: its pickle names code", fault.Message, StringComparison.Ordinal);
    }

    public static TheoryData<byte[], string> Faulty => new()
    {
        { [0x80, 9], "protocol 9" },
        { [0x80, 2, (byte)'i'], "instruction 0x69 at byte 2" },
        { [0x80, 2, (byte)'X', 200, 0, 0, 0], "its pickle is cut" },
        { [0x80, 2, (byte)'h', 3], "refers to entry 3, which it has not made" },
        { [0x80, 2, (byte)'t'], "ends what it has not begun" },
        { [0x80, 2, 0x86], "takes from an empty stack" },
        { [0x80, 2, (byte)'K', 7, (byte)'K', 1, (byte)'K', 2, (byte)'s'], "sets items of something that is no dictionary" },
        { [0x80, 2, (byte)'K', 7, (byte)'K', 1, (byte)'a'], "appends to something that is no list" },
        { [0x80, 2, (byte)'}', (byte)'}', (byte)'K', 2, (byte)'s'], "has a dictionary for a key" },
        { [0x80, 2, (byte)'K', 7], "it holds 7 where a dictionary of tensors is expected" },
        { [0x80, 2, (byte)'}'], "its dictionary holds no tensors" },
        { [0x80, 2, 0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1], "a whole number of 9 bytes" },
    };

    [Theory]
    [MemberData(nameof(Faulty))]
    public void Faulty_pickle_is_refused_with_what_is_wrong(byte[] pickle, string expected)
    {
        using var folder = TestFiles.NewFolder();
        new TorchFile().Bytes(pickle).Save(folder.File("bad.pt"));

        var fault = Assert.Throws<InvalidInputException>(() => CheckpointSource.Open(folder.File("bad.pt")));

        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, new long[] { 5 }, new long[] { 1 })]
    [InlineData(3, new long[] { 2 }, new long[] { 1 })]
    [InlineData(0, new long[] { 2 }, new long[] { 3 })]
    public void Tensor_that_reaches_beyond_its_storage_or_has_gaps_is_refused(long offset, long[] shape, long[] strides)
    {
        using var folder = TestFiles.NewFolder();
        using var scope = NewDisposeScope();
        new TorchFile().Begin().Bytes((byte)'}', (byte)'(').Text("w").View(ones(4), offset, shape, strides, claimed: 1_000_000).Bytes((byte)'u').Save(folder.File("bad.pt"));
        using var source = CheckpointSource.Open(folder.File("bad.pt"));

        var fault = Assert.Throws<InvalidInputException>(() => source.Read("w"));

        Assert.Contains("do not lie in the 4 of storage 0", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_files_are_refused_with_what_they_are()
    {
        using var folder = TestFiles.NewFolder();
        File.WriteAllBytes(folder.File("old.pth"), [0x80, 2, 0x8a, 10]);
        new TorchFile { ByteOrder = "big" }.Begin().Bytes((byte)'}').Save(folder.File("big.pt"));
        using (var archive = System.IO.Compression.ZipFile.Open(folder.File("pictures.zip"), System.IO.Compression.ZipArchiveMode.Create))
            archive.CreateEntry("a.jpg");

        Assert.EndsWith("there is no such file.", Fault("none.pt"), StringComparison.Ordinal);
        Assert.Contains("a bare pickle: PyTorch's layout of before version 1.6, or one of Detectron's .pkl files", Fault("old.pth"), StringComparison.Ordinal);
        Assert.Contains("byte order \"big\"", Fault("big.pt"), StringComparison.Ordinal);
        Assert.Contains("a zip file without data.pkl", Fault("pictures.zip"), StringComparison.Ordinal);

        string Fault(string name) => Assert.Throws<InvalidInputException>(() => CheckpointSource.Open(folder.File(name))).Message;
    }

    [Fact]
    public void Safetensors_files_are_read_whatever_they_are_called()
    {
        using var folder = TestFiles.NewFolder();
        using var scope = NewDisposeScope();
        SafeTensorsFile.Write(folder.File("weights.bin"), new Dictionary<string, Tensor> { ["w"] = ones(2, 3) }, new Dictionary<string, string>());

        using var source = CheckpointSource.Open(folder.File("weights.bin"));

        Assert.Equal([2L, 3L], source.Entries["w"].Shape);
        Assert.True(ones(2, 3).Equals(source.Read("w")));
    }
}
