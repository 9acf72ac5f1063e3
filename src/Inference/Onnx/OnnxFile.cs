using Serve.Eval;

namespace Serve.Inference.Onnx;

/// <summary>Reads what an ONNX file tells without running it. No tensor's bytes are read.</summary>
internal static class OnnxFile
{
    /// <summary>Scans a file and checks that the files it refers to are safe and there.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <exception cref="InvalidInputException">There is no such file, it is no ONNX file, it is damaged, or it refers to files outside its folder or that are not there.</exception>
    public static GraphDescription Describe(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            if (stream.Length == 0)
                throw new InvalidInputException($"{path}: the file is empty (0 bytes); expected an ONNX model.");
            if (OtherFormat.Of(stream) is { } other)
                throw new InvalidInputException($"{path}: this is {other}, not an ONNX model.");
            stream.Position = 0;
            var scan = new GraphScan(new WireReader(stream));
            var description = scan.Describe();
            ExternalFiles.Require(path, scan.Extents);
            return description;
        }
        catch (WireFormatException e)
        {
            throw new InvalidInputException($"{path}: not an ONNX model, or a damaged one: {e.Message}.", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidInputException($"{path}: there is no such file.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{path}: the file cannot be read ({e.GetType().Name}).", e);
        }
    }
}
