using Microsoft.ML.OnnxRuntime;
using Serve.Inference.Models;

namespace Serve.Inference.Tests.Models;

public sealed class RuntimeMessageTests : IDisposable
{
    private const OnnxWriter.Element Float = OnnxWriter.Element.Float;
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    public void Dispose() => _folder.Dispose();

    // As ONNX Runtime 1.31 writes them.
    [Theory]
    [InlineData("[ErrorCode:InvalidProtobuf] Load model from /models/a.onnx failed:Protobuf parsing failed.", "Protobuf parsing failed.")]
    [InlineData("[ErrorCode:Fail] Load model from /models/a b/m.onnx failed:Node () Op (Add) [ShapeInferenceError] Incompatible dimensions", "Node () Op (Add) [ShapeInferenceError] Incompatible dimensions")]
    [InlineData(
        "[ErrorCode:Fail] Load model from /models/a.onnx failed:/onnxruntime_src/onnxruntime/core/graph/graph.cc:1587 void onnxruntime::Graph::InitializeStateFromModelFileGraphProto() This is an invalid model. Graph output (y) does not exist in the graph.\n",
        "This is an invalid model. Graph output (y) does not exist in the graph.")]
    [InlineData(
        "[ErrorCode:Fail] Exception during initialization: /onnxruntime_src/onnxruntime/core/optimizer/initializer.cc:51 onnxruntime::Initializer::Initializer(const onnx::TensorProto&, const std::filesystem::__cxx11::path&) [ONNXRuntimeError] : 1 : FAIL : tensorprotoutils.cc:1876 GetExtDataFromTensorProto External initializer: w offset: 0 size to read: 16 given file_length: 4 are out of bounds or can not be read in full.\n",
        "External initializer: w offset: 0 size to read: 16 given file_length: 4 are out of bounds or can not be read in full.")]
    [InlineData(
        "[ErrorCode:Fail] Non-zero status code returned while running Reshape node. Name:'/head/Reshape' Status Message: /onnxruntime_src/onnxruntime/core/providers/cpu/tensor/reshape_helper.h:91 onnxruntime::ReshapeHelper::ReshapeHelper(const onnxruntime::TensorShape&, onnxruntime::TensorShapeVector&, bool) input_shape_size == requested_shape_size was false. The input tensor cannot be reshaped to the requested shape. Input shape:{3}, requested shape:{7}\n",
        "Reshape node '/head/Reshape': The input tensor cannot be reshaped to the requested shape. Input shape:{3}, requested shape:{7}")]
    [InlineData(
        "[ErrorCode:InvalidArgument] Non-zero status code returned while running Gather node. Name:'' Status Message: indices element out of data bounds, idx=9 must be within the inclusive range [-4,3]",
        "Gather node: indices element out of data bounds, idx=9 must be within the inclusive range [-4,3]")]
    [InlineData(
        "[ErrorCode:InvalidArgument] Got invalid dimensions for input: x for the following indices\n index: 0 Got: 3 Expected: 4\n Please fix either the inputs/outputs or the model.",
        "Got invalid dimensions for input: x for the following indices index: 0 Got: 3 Expected: 4")]
    [InlineData(
        "[ErrorCode:RuntimeException] /onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:129 std::conditional_t<THRW, void, onnxruntime::common::Status> onnxruntime::CudaCall(ERRTYPE, const char*, const char*, ERRTYPE, const char*, const char*, int) [with ERRTYPE = cudaError; bool THRW = true] CUDA failure 100: no CUDA-capable device is detected ; GPU=-1 ; hostname=box ; file=/onnxruntime_src/x.cc ; line=283 ; expr=cudaSetDevice(info_.device_id);",
        "CUDA failure 100: no CUDA-capable device is detected")]
    [InlineData("[ErrorCode:Fail] ", "[ErrorCode:Fail]")]
    [InlineData("something else", "something else")]
    public void The_innermost_cause_is_told_without_codes_and_places_in_the_source(string message, string cause) => Assert.Equal(cause, RuntimeMessage.Cause(message));

    [Fact]
    public void What_the_runtime_says_of_a_broken_graph_is_a_clean_cause()
    {
        Assert.Equal("This is an invalid model. Graph output (y) does not exist in the graph.", Fault(graph => graph.Node("Relu", ["x"], "z")));
        Assert.Equal("Node () Op (Add) [ShapeInferenceError] Incompatible dimensions", Fault(graph => graph.Floats("w", [3], 1, 2, 3).Node("Add", ["x", "w"], "y")));
        Assert.Equal("Invalid model. Node input 'z' is not a graph input, initializer, or output of a previous node.", Fault(graph => graph.Node("Add", ["x", "z"], "y")));
        File.WriteAllBytes(_folder.File("short.data"), new byte[4]);
        Assert.Equal(
            "External initializer: w offset: 0 size to read: 16 given file_length: 4 are out of bounds or can not be read in full.",
            Fault(graph => graph.External("w", [4], ("location", "short.data"), ("offset", "0"), ("length", "16")).Node("Mul", ["x", "w"], "y")));
    }

    private string Fault(Action<OnnxWriter> nodes)
    {
        OnnxEnvironment.EnsureReady();
        var graph = new OnnxWriter().Input("x", Float, 4).Output("y", Float, 4);
        nodes(graph);
        graph.Save(_folder.File("model.onnx"));
        return OnnxEnvironment.Cause(Assert.Throws<OnnxRuntimeException>(() => new InferenceSession(_folder.File("model.onnx"))));
    }
}
