"""Definitions of Caffe, `.prototxt`: layers between blobs."""
